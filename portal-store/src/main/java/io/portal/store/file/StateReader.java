package io.portal.store.file;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import io.portal.core.InvalidException;
import io.portal.core.model.ErrorPages;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.store.json.BadJsonException;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a directory into a state. Every {@code *.json} counts, whatever its name: the old portal
 * named some differently. Files are read in parallel.
 */
final class StateReader {

  private static final Logger log = LoggerFactory.getLogger(StateReader.class);

  private final Path root;
  private final ListMultimap<String, String> oldNames = ArrayListMultimap.create();

  StateReader(Path root) {
    this.root = root;
  }

  /**
   * Names under which something is kept that this version would name otherwise, by its new name.
   */
  ListMultimap<String, String> oldNames() {
    return oldNames;
  }

  /**
   * The state in the directory.
   *
   * @throws StoreException naming the file that cannot be read or is damaged
   */
  DesiredState read() throws StoreException {
    DesiredState state =
        new DesiredState(
            revision(),
            models(Layout.SERVICES, ModelJson.STORED_SERVICE, s -> s.id(), Layout::service),
            models(Layout.ROUTES, ModelJson.ROUTE, r -> r.id(), Layout::route),
            models(Layout.CERTS, ModelJson.CERT, c -> c.cert(), Layout::cert),
            models(Layout.VIPS, ModelJson.VIP, v -> v.id(), Layout::vip),
            pages());
    // What an old portal left was never stored by this one, and yet it is more than nothing.
    return state.revision() == 0 && !state.equals(DesiredState.EMPTY)
        ? state.withRevision(1)
        : state;
  }

  private record Found<V>(String name, V model) {}

  private <K extends Comparable<? super K>, V> PSortedMap<K, V> models(
      String directory, ModelJson<V> json, Function<V, K> key, Function<K, String> newName)
      throws StoreException {
    TreeMap<K, V> models = new TreeMap<>();
    try {
      List<Found<V>> found =
          names(root.resolve(directory)).stream()
              .parallel()
              .map(name -> new Found<>(directory + "/" + name, read(directory, name, json)))
              .toList();
      for (Found<V> file : found) {
        K id = key.apply(file.model());
        String own = newName.apply(id);
        boolean known = models.containsKey(id);
        if (known) {
          log.warn("store: {} is in {} twice; {} counts", id, root.resolve(directory), own);
        }
        if (!own.equals(file.name())) {
          oldNames.put(own, file.name());
        }
        if (!known || own.equals(file.name())) {
          models.put(id, file.model());
        }
      }
    } catch (Damaged e) {
      throw new StoreException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw Reasons.failed("read", root.resolve(directory), e);
    }
    return TreePMap.from(models);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(Layout.SUFFIX))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private <V> V read(String directory, String name, ModelJson<V> json) {
    Path file = root.resolve(directory).resolve(name);
    try {
      return json.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new Damaged(String.valueOf(Reasons.failed("read", file, e).getMessage()), e);
    } catch (InvalidException | BadJsonException e) {
      // The reason is not the file's text: that may hold a key.
      throw new Damaged("read " + file + ": damaged: " + e.getMessage(), e);
    }
  }

  private ErrorPages pages() throws StoreException {
    if (!Files.exists(root.resolve(Layout.PAGES))) {
      return ErrorPages.DEFAULT;
    }
    try {
      return read("", Layout.PAGES, ModelJson.PAGES);
    } catch (Damaged e) {
      throw new StoreException(String.valueOf(e.getMessage()), e);
    }
  }

  private long revision() throws StoreException {
    Path file = root.resolve(Layout.REVISION);
    try {
      long revision = Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip());
      if (revision < 0) {
        throw new NumberFormatException("below 0");
      }
      return revision;
    } catch (NoSuchFileException never) {
      return 0;
    } catch (NumberFormatException e) {
      throw new StoreException("read " + file + ": damaged: it must hold a number", e);
    } catch (IOException e) {
      throw Reasons.failed("read", file, e);
    }
  }

  /** Carries what is wrong with a file out of a parallel stream. */
  private static final class Damaged extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Damaged(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
