package io.portal.store.file;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import io.portal.core.InvalidException;
import io.portal.core.model.ErrorPages;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.store.OnDamage;
import io.portal.store.json.BadJsonException;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a directory into a state. Every {@code *.json} counts, whatever its name: the old portal
 * named some differently. A file that cannot be what it says is set aside; one that is damaged, or
 * missing, stops the reading unless damage is to be set aside too. Files are read in parallel.
 */
final class StateReader {

  private static final Logger log = LoggerFactory.getLogger(StateReader.class);

  private final Path root;
  private final StoredRevision stored;
  private final SetAside aside;
  private final OnDamage onDamage;
  private final Inventory inventory;
  private final ListMultimap<String, String> oldNames = ArrayListMultimap.create();
  private boolean changed;

  StateReader(
      Path root, StoredRevision stored, SetAside aside, OnDamage onDamage, Inventory inventory) {
    this.root = root;
    this.stored = stored;
    this.aside = aside;
    this.onDamage = onDamage;
    this.inventory = inventory;
  }

  /**
   * Names under which something is kept that this version would name otherwise, by its new name.
   */
  ListMultimap<String, String> oldNames() {
    return oldNames;
  }

  /** Whether what was read is less than what belonged to the revision. */
  boolean changed() {
    return changed;
  }

  /**
   * The state in the directory.
   *
   * @throws StoreException naming the file that cannot be read or is damaged, or what is missing
   */
  DesiredState read() throws StoreException {
    Missing missing = new Missing(root, stored);
    try {
      missing.check(onDamage);
      changed = missing.any();
      DesiredState state =
          new DesiredState(
              stored.revision(),
              models(Layout.SERVICES, ModelJson.STORED_SERVICE, s -> s.id(), Layout::service),
              models(Layout.ROUTES, ModelJson.ROUTE, r -> r.id(), Layout::route),
              models(Layout.CERTS, ModelJson.CERT, c -> c.cert(), Layout::cert),
              models(Layout.VIPS, ModelJson.VIP, v -> v.id(), Layout::vip),
              pages());
      // What an old portal left was never stored by this one, and yet it is more than nothing.
      return state.revision() == 0 && !state.equals(DesiredState.EMPTY)
          ? state.withRevision(1)
          : state;
    } catch (IOException e) {
      throw Reasons.failed("read", root, e);
    }
  }

  /**
   * A file as it was read.
   *
   * @param model null if there is none in it
   * @param notes what was made right on the way; the reason where there is no model
   * @param damaged whether it is no file that anybody wrote so
   */
  private record Found<V>(String name, @Nullable V model, List<String> notes, boolean damaged) {}

  private <K extends Comparable<? super K>, V> PSortedMap<K, V> models(
      String directory, ModelJson<V> json, Function<V, K> key, Function<K, String> newName)
      throws IOException, StoreException {
    TreeMap<K, V> models = new TreeMap<>();
    List<Found<V>> found =
        Missing.names(root.resolve(directory)).stream()
            .parallel()
            .map(name -> read(directory + "/" + name, json))
            .toList();
    for (Found<V> file : found) {
      V model = taken(file);
      if (model == null) {
        continue;
      }
      K id = key.apply(model);
      String own = newName.apply(id);
      boolean known = models.containsKey(id);
      if (known) {
        log.warn("store: {} is in {} twice; {} counts", id, root.resolve(directory), own);
      }
      if (!own.equals(file.name())) {
        oldNames.put(own, file.name());
      }
      if (!known || own.equals(file.name())) {
        models.put(id, model);
      }
    }
    return TreePMap.from(models);
  }

  private <V> @Nullable V taken(Found<V> file) throws IOException, StoreException {
    if (file.model() == null) {
      String reason = String.join("; ", file.notes());
      if (file.damaged() && onDamage == OnDamage.REFUSE) {
        throw new StoreException(
            "read " + root.resolve(file.name()) + ": damaged: " + reason + Missing.WAY_OUT);
      }
      aside.add(file.name(), reason);
      changed = true;
    } else if (file.notes().isEmpty()) {
      inventory.read(file.name());
    } else {
      file.notes().forEach(note -> log.warn("store: {}: {}", file.name(), note));
      inventory.stale(file.name());
    }
    return file.model();
  }

  private <V> Found<V> read(String name, ModelJson<V> json) {
    List<String> notes = new ArrayList<>();
    try {
      V model = json.takeOver(Files.readAllBytes(root.resolve(name)), notes);
      return new Found<>(name, model, notes, false);
    } catch (IOException e) {
      String reason = String.valueOf(Reasons.failed("read", root.resolve(name), e).getMessage());
      return new Found<>(name, null, List.of(reason), true);
    } catch (InvalidException e) {
      return new Found<>(name, null, List.of(String.valueOf(e.getMessage())), false);
    } catch (BadJsonException e) {
      // The reason is not the file's text: that may hold a key.
      return new Found<>(name, null, List.of(String.valueOf(e.getMessage())), true);
    }
  }

  private ErrorPages pages() throws IOException, StoreException {
    if (!Files.exists(root.resolve(Layout.PAGES))) {
      return ErrorPages.DEFAULT;
    }
    ErrorPages pages = taken(read(Layout.PAGES, ModelJson.PAGES));
    return pages == null ? ErrorPages.DEFAULT : pages;
  }
}
