package io.portal.store.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The files that belong to the state, with what they looked like when their content was known to be
 * right. Used by one thread at a time.
 */
final class Inventory {

  /** A file whose content is yet to be compared. */
  private static final int NOT_SEEN = 0;

  private final Path root;
  private final TreeMap<String, Integer> looks = new TreeMap<>();
  private Map<String, StoredRevision.Files> totals = nothing();
  private String cursor = "";

  Inventory(Path root) {
    this.root = root;
  }

  private static Map<String, StoredRevision.Files> nothing() {
    Map<String, StoredRevision.Files> nothing = new TreeMap<>();
    Layout.DIRECTORIES.forEach(name -> nothing.put(name, StoredRevision.Files.NONE));
    nothing.put(Layout.PAGES, StoredRevision.Files.NONE);
    return nothing;
  }

  private static String kind(String name) {
    int slash = name.indexOf('/');
    return slash < 0 ? name : name.substring(0, slash);
  }

  /** A file that was read and is right as it is. */
  void read(String name) throws IOException {
    put(name, look(root.resolve(name)));
  }

  /** A file whose content is to be stored anew. */
  void stale(String name) {
    put(name, NOT_SEEN);
  }

  private void put(String name, int look) {
    if (looks.put(name, look) == null) {
      totals.computeIfPresent(kind(name), (kind, files) -> files.plus(Missing.hash(name)));
    }
  }

  /** What belongs to the state once these changes are made. */
  Map<String, StoredRevision.Files> totals(List<FileChange> changes) {
    Map<String, StoredRevision.Files> after = new TreeMap<>(totals);
    for (FileChange change : changes) {
      String name = change.name();
      boolean known = looks.containsKey(name);
      if (change.content() == null && known) {
        after.computeIfPresent(kind(name), (kind, files) -> files.minus(Missing.hash(name)));
      } else if (change.content() != null && !known) {
        after.computeIfPresent(kind(name), (kind, files) -> files.plus(Missing.hash(name)));
      }
    }
    return after;
  }

  /** Takes these changes as made. */
  void changed(List<FileChange> changes) {
    totals = totals(changes);
    for (FileChange change : changes) {
      if (change.content() == null) {
        looks.remove(change.name());
      } else if (totals.containsKey(kind(change.name()))) {
        looks.put(change.name(), NOT_SEEN);
      }
    }
  }

  /** Forgets all files. */
  void clear() {
    looks.clear();
    totals = nothing();
  }

  /**
   * Files that do not look as they did, of the next so many: one call after the other comes by all.
   */
  List<String> suspects(int most) throws IOException {
    List<String> suspects = new ArrayList<>();
    int seen = 0;
    for (Map.Entry<String, Integer> file : looks.tailMap(cursor, false).entrySet()) {
      cursor = file.getKey();
      int look = look(root.resolve(cursor));
      if (file.getValue() == NOT_SEEN || file.getValue() != look) {
        suspects.add(cursor);
      }
      if (++seen == most) {
        return suspects;
      }
    }
    cursor = "";
    return suspects;
  }

  /** Cheap to ask, and another one after almost any change; 0 for no file. */
  private static int look(Path path) throws IOException {
    try {
      BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
      return Math.max(
          1,
          Objects.hash(file.size(), file.lastModifiedTime().toInstant(), file.fileKey())
              & Integer.MAX_VALUE);
    } catch (NoSuchFileException gone) {
      return NOT_SEEN;
    }
  }
}
