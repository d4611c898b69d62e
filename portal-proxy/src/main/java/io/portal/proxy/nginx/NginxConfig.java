package io.portal.proxy.nginx;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedMap;
import io.portal.core.model.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The whole of {@code portal-nginx.conf}: a head, which ends with the operator's primer, and a
 * stream block with every service. Immutable.
 *
 * @param head everything before the stream block
 * @param services by id
 */
record NginxConfig(String head, ImmutableSortedMap<ServiceId, NginxService> services) {

  /** What a file holds: the services that can be read, and whether there is nothing else. */
  record Read(ImmutableSortedMap<ServiceId, NginxService> services, String text) {

    /** Nothing was written yet, or it was deleted. */
    static final Read NOTHING = new Read(ImmutableSortedMap.of(), "");
  }

  NginxConfig(String head, Map<ServiceId, NginxService> services) {
    this(head, ImmutableSortedMap.copyOf(services));
  }

  /** The text that is written. */
  String render() {
    StringBuilder text = new StringBuilder(head).append("stream {\n");
    TreeSet<Integer> groups = new TreeSet<>();
    services.values().forEach(service -> groups.add(NginxRules.groupBytes(service.settings())));
    groups.remove(0);
    groups.forEach(bytes -> text.append(group(bytes)));
    services.values().forEach(service -> text.append(service.render()));
    return text.append("}\n").toString();
  }

  /** A variable with the leading bytes of the client's address. */
  private static String group(int bytes) {
    String name = NginxRules.groupName(bytes);
    return "    map $binary_remote_addr $"
        + name
        + " {\n        \"~(?s)^(?<"
        + name
        + "_match>.{"
        + bytes
        + "})\" $"
        + name
        + "_match;\n    }\n";
  }

  /** Reads what is on disk. */
  static Read parse(String text) {
    SortedMap<ServiceId, NginxService> services = new TreeMap<>();
    List<String> lines = Splitter.on('\n').splitToList(text);
    int opened = -1;
    for (int i = 0; i < lines.size(); i++) {
      if (NginxService.opens(lines.get(i))) {
        opened = i;
      } else if (opened >= 0 && NginxService.closes(lines.get(i))) {
        NginxService.parse(lines.subList(opened, i + 1))
            .ifPresent(service -> services.put(service.id(), service));
        opened = -1;
      }
    }
    return new Read(ImmutableSortedMap.copyOf(services), text);
  }

  /** The service whose block has that line, counted from 1. */
  Optional<ServiceId> serviceAt(int line) {
    List<String> lines = Splitter.on('\n').splitToList(render());
    return IntStream.iterate(Math.min(line, lines.size()) - 1, i -> i >= 0, i -> i - 1)
        .mapToObj(lines::get)
        .takeWhile(text -> !NginxService.closes(text))
        .filter(NginxService::opens)
        .findFirst()
        .flatMap(NginxService::idOf);
  }
}
