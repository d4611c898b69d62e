package io.portal.proxy.nginx;

import io.portal.core.model.Addresses;
import io.portal.core.model.ServiceId;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** nginx does not take a configuration; what it said shows which service is to blame, if one is. */
final class NginxRefusal extends Exception {

  private static final long serialVersionUID = 1L;

  private static final Pattern LINE = Pattern.compile(" in \\S+portal-nginx\\.conf\\S*:(\\d+)");
  private static final Pattern BIND = Pattern.compile("bind\\(\\) to (\\S+) failed");

  NginxRefusal(String message) {
    super(message);
  }

  String reason() {
    return Objects.requireNonNullElse(getMessage(), "");
  }

  /** The service whose lines nginx named, or those whose addresses it could not bind. */
  Set<ServiceId> culprits(NginxConfig config) {
    Matcher line = LINE.matcher(reason());
    if (line.find()) {
      return config.serviceAt(Integer.parseInt(line.group(1))).stream().collect(Collectors.toSet());
    }
    Set<String> addresses =
        BIND.matcher(reason()).results().map(found -> found.group(1)).collect(Collectors.toSet());
    return config.services().keySet().stream()
        .filter(id -> addresses.contains(address(id)))
        .collect(Collectors.toSet());
  }

  /** What nginx said of that service; all it said if it did not name it. */
  String reason(ServiceId id) {
    Matcher bind =
        Pattern.compile("bind\\(\\) to " + Pattern.quote(address(id)) + " failed[^;]*")
            .matcher(reason());
    return bind.find() ? bind.group() : reason();
  }

  private static String address(ServiceId id) {
    return Addresses.socketText(
        Objects.requireNonNull(id.host(), "tcp and udp have an address"), (int) id.port());
  }
}
