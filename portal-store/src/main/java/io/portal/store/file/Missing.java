package io.portal.store.file;

import com.google.common.hash.Hashing;
import io.portal.core.port.StoreException;
import io.portal.store.OnDamage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the files that are there with those that belong to the stored revision. Files that
 * somebody has added are taken as they are. Used by one thread at a time.
 */
final class Missing {

  private static final Logger log = LoggerFactory.getLogger(Missing.class);

  /** What every refusal of a damaged directory ends with. */
  static final String WAY_OUT =
      "; restore the directory from a backup, or start with --set-aside-damaged to go on with the"
          + " rest";

  private final Path root;
  private final StoredRevision stored;
  private boolean any;

  Missing(Path root, StoredRevision stored) {
    this.root = root;
    this.stored = stored;
  }

  /** Names of the files with a model in a directory, in their order. */
  static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(Layout.SUFFIX))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  /** Whether something was missing. */
  boolean any() {
    return any;
  }

  /**
   * Names what is missing.
   *
   * @throws StoreException if something is, and that is to be refused
   */
  void check(OnDamage onDamage) throws IOException, StoreException {
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, StoredRevision.Files> entry : stored.files().entrySet()) {
      String kind = entry.getKey();
      StoredRevision.Files expected = entry.getValue();
      StoredRevision.Files found = found(kind);
      if (found.count() < expected.count()
          || found.count() == expected.count() && found.hash() != expected.hash()) {
        missing.add(
            root.resolve(kind)
                + ": "
                + expected.count()
                + " files belong to revision "
                + stored.revision()
                + ", "
                + (found.count() < expected.count()
                    ? "there are " + found.count()
                    : "others are there"));
      } else if (found.count() > expected.count()) {
        log.warn(
            "store: {} files of {} were added while portal did not run",
            found.count() - expected.count(),
            root.resolve(kind));
      }
    }
    any = !missing.isEmpty();
    if (any && onDamage == OnDamage.REFUSE) {
      throw new StoreException("read " + String.join(", ", missing) + WAY_OUT);
    }
    missing.forEach(piece -> log.warn("store: {}; going on without", piece));
  }

  private StoredRevision.Files found(String kind) throws IOException {
    if (kind.equals(Layout.PAGES)) {
      return Files.exists(root.resolve(kind))
          ? StoredRevision.Files.NONE.plus(hash(kind))
          : StoredRevision.Files.NONE;
    }
    StoredRevision.Files found = StoredRevision.Files.NONE;
    if (Layout.DIRECTORIES.contains(kind)) {
      for (String name : names(root.resolve(kind))) {
        found = found.plus(hash(kind + "/" + name));
      }
    }
    return found;
  }

  /** The hash of a name, of which {@link StoredRevision.Files} holds the sum. */
  static long hash(String name) {
    return Hashing.sha256().hashString(name, StandardCharsets.UTF_8).asLong();
  }
}
