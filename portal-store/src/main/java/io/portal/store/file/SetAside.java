package io.portal.store.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are kept in the directory and not served, under their name and {@code .set-aside}:
 * people put them right and name them back, or remove them. Used by one thread at a time.
 */
final class SetAside {

  private static final Logger log = LoggerFactory.getLogger(SetAside.class);

  private final Disk disk;
  private final Path root;
  private final Map<String, String> reasons = new TreeMap<>();

  /** Those that are there from earlier. */
  SetAside(Disk disk, Path root) throws IOException {
    this.disk = disk;
    this.root = root;
    for (String directory :
        List.of("", Layout.SERVICES, Layout.ROUTES, Layout.CERTS, Layout.VIPS)) {
      Path place = root.resolve(directory);
      if (Files.isDirectory(place)) {
        try (Stream<Path> files = Files.list(place)) {
          files
              .filter(file -> file.toString().endsWith(Layout.SET_ASIDE))
              .forEach(
                  file -> reasons.put(root.relativize(file).toString(), "at an earlier start"));
        }
      }
    }
    reasons.keySet().forEach(name -> log.warn("store: {} is not served: it was set aside", name));
  }

  /** Sets a file aside, durably. */
  void add(String name, String reason) throws IOException {
    Path file = root.resolve(name);
    Path kept = root.resolve(name + Layout.SET_ASIDE);
    for (int i = 2; Files.exists(kept); i++) {
      kept = root.resolve(name + "." + i + Layout.SET_ASIDE);
    }
    disk.rename(file, kept);
    disk.force(file.resolveSibling(""));
    String now = root.relativize(kept).toString();
    reasons.put(now, reason);
    log.warn("store: {} is not served, it is kept as {}: {}", name, now, reason);
  }

  /** Why, by the names they have now. */
  Map<String, String> reasons() {
    Map<String, String> there = new TreeMap<>(reasons);
    there.keySet().removeIf(name -> !Files.exists(root.resolve(name)));
    return there;
  }
}
