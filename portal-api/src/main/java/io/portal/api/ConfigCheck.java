package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.store.RevisionedStore;
import io.portal.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What can be said of settings that are right one by one before the daemon starts with them. */
public final class ConfigCheck {

  private static final String FILES = "scribble://";

  private ConfigCheck() {}

  /** What a check found. */
  public record Findings(List<String> faults, List<String> notes) {

    /** Immutable. */
    public Findings {
      faults = List.copyOf(faults);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Checks that settings go together, that the files they name can be used, and that a store of
   * files can be read. Changes nothing; a PostgreSQL store is not asked, for opening it may change
   * its tables. Blocks.
   */
  public static Findings run(Config config) {
    Logging.off();
    List<String> faults = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    add(faults, () -> token(config));
    if (!config.on(Setting.INSECURE)) {
      add(faults, () -> ApiCertificate.check(config));
    }
    add(faults, () -> store(config).ifPresent(notes::add));
    return new Findings(faults, notes);
  }

  private static void add(List<String> faults, Runnable check) {
    try {
      check.run();
    } catch (ConfigException e) {
      faults.add(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Checks that there is a token where the API can be reached from elsewhere.
   *
   * @throws ConfigException if there is none, and nobody said that this is meant
   */
  static void token(Config config) {
    if (config.token().isEmpty()
        && !config.api().getAddress().isLoopbackAddress()
        && !config.on(Setting.ALLOW_ANONYMOUS)) {
      throw new ConfigException(
          "api-host "
              + (config.get(Setting.API_HOST).isEmpty()
                  ? "'' (all addresses)"
                  : config.get(Setting.API_HOST))
              + " without api-token: set a token, listen on 127.0.0.1, or allow-anonymous: true");
    }
  }

  /** Reads a copy of the store: opening finishes what was under way, and a daemon may have it. */
  private static Optional<String> store(Config config) {
    String connection = config.get(Setting.DB_CONNECTION);
    if (!connection.startsWith(FILES)) {
      return Optional.empty();
    }
    Path directory = Path.of(connection.substring(FILES.length()));
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try {
      Path copy = Files.createTempDirectory("portal-check"); // for this user's eyes only
      try {
        copy(directory, copy);
        return Optional.of(connection + " can be read: " + count(copy));
      } catch (StoreException e) {
        throw new ConfigException(
            "db-connection "
                + connection
                + ": "
                + String.valueOf(e.getMessage()).replace(copy.toString(), directory.toString()));
      } finally {
        delete(copy);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new ConfigException("db-connection " + connection + ": it cannot be read: " + e);
    }
  }

  private static String count(Path directory) throws StoreException {
    try (RevisionedStore store = Stores.open(FILES + directory)) {
      DesiredState state = store.load();
      return "services "
          + state.services().size()
          + ", routes "
          + state.routes().size()
          + ", certs "
          + state.certs().size()
          + ", vips "
          + state.vips().size();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (Files.isRegularFile(file)) {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
