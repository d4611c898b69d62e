package io.portal.store.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The files of a directory as they are changed. A change may be done again, as often as needed.
 * Used by one thread at a time.
 */
final class StateFiles {

  private final Disk disk;
  private final Path root;
  private final Set<String> notDurable = new HashSet<>();

  StateFiles(Disk disk, Path root) {
    this.disk = disk;
    this.root = root;
  }

  /** Makes the directories, closes those with keys to others, drops what was half written. */
  void prepare() throws IOException {
    for (String name : Layout.DIRECTORIES) {
      Files.createDirectories(root.resolve(name));
      try (Stream<Path> files = Files.list(root.resolve(name))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          prepare(name, file);
        }
      }
    }
    restrict(root.resolve(Layout.CERTS), Disk.PRIVATE_DIRECTORY);
  }

  private static void prepare(String directory, Path file) throws IOException {
    if (file.toString().endsWith(Layout.ASIDE)) {
      Files.delete(file);
    } else if (Layout.secret(directory + "/")) {
      restrict(file, Disk.PRIVATE_FILE);
    }
  }

  private static void restrict(Path path, Set<PosixFilePermission> permissions) throws IOException {
    if (!Files.getPosixFilePermissions(path).equals(permissions)) {
      Files.setPosixFilePermissions(path, permissions);
    }
  }

  /** Names of all files that hold a part of the state, whoever wrote them. */
  Set<String> present() throws IOException {
    Set<String> present = new HashSet<>();
    for (String name : List.of(Layout.PAGES, Layout.REVISION)) {
      if (Files.exists(root.resolve(name))) {
        present.add(name);
      }
    }
    for (String directory : Layout.DIRECTORIES) {
      if (Files.isDirectory(root.resolve(directory))) {
        try (Stream<Path> files = Files.list(root.resolve(directory))) {
          files
              .map(file -> directory + "/" + file.getFileName())
              .filter(name -> name.endsWith(Layout.SUFFIX))
              .forEach(present::add);
        }
      }
    }
    return present;
  }

  /** Whether a file is there with just that content. */
  boolean holds(String name, byte[] content) throws IOException {
    Path file = root.resolve(name);
    try {
      return Files.size(file) == content.length && Arrays.equals(Files.readAllBytes(file), content);
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /** Does these changes; they are durable after {@link #force}. */
  void apply(List<FileChange> changes) throws IOException {
    for (FileChange change : changes) {
      apply(change);
    }
  }

  void apply(FileChange change) throws IOException {
    String name = change.name();
    Path file = root.resolve(name).normalize();
    if (!file.startsWith(root)) {
      throw new IOException("outside the store's directory: " + file);
    }
    notDurable.add(name);
    Supplier<byte[]> content = change.content();
    if (content == null) {
      disk.delete(file);
    } else {
      String plain = name.endsWith(Layout.SUFFIX) ? name.replaceAll("\\.json$", "") : name;
      disk.replace(
          file,
          root.resolve(plain + Layout.ASIDE),
          content.get(),
          Layout.secret(name) ? Disk.PRIVATE_FILE : Disk.PUBLIC_FILE);
    }
  }

  /** Makes every change so far durable. */
  void force() throws IOException {
    Set<Path> directories = new HashSet<>();
    for (String name : notDurable) {
      Path file = root.resolve(name);
      disk.force(file);
      directories.add(file.getParent() == null ? root : file.getParent());
    }
    for (Path directory : directories) {
      disk.force(directory);
    }
    notDurable.clear();
  }
}
