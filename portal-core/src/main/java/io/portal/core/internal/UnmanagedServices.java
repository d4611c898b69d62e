package io.portal.core.internal;

import io.portal.core.ExistingServices;
import io.portal.core.RefusedException;
import io.portal.core.model.ServiceId;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services that were in the balancer when portal started on a store without any, and that are
 * not portal's to remove. Kept in a file of this host, one id a line, so that a restart knows them
 * too. Changed by the reconciler's thread, read by any.
 */
public final class UnmanagedServices {

  private static final Logger log = LoggerFactory.getLogger(UnmanagedServices.class);

  private static final int LOGGED = 20;

  private final ExistingServices policy;
  private final Optional<Path> file;
  private volatile Set<ServiceId> ids;
  private boolean storeWasEmpty;
  private boolean met;
  private Set<ServiceId> toAdopt = Set.of();

  /**
   * Those that the file lists.
   *
   * @param file where they are kept; empty to forget them when this process ends
   * @throws RefusedException if the file is there and cannot be read
   */
  public UnmanagedServices(ExistingServices policy, Optional<Path> file) {
    this.policy = policy;
    this.file = file;
    this.ids = file.map(UnmanagedServices::read).orElse(Set.of());
  }

  private static Set<ServiceId> read(Path file) {
    Set<ServiceId> ids = new TreeSet<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          ids.add(
              ServiceId.parse(line.strip())
                  .orElseThrow(
                      () -> new RefusedException(file + ": '" + line + "' is no id of a service")));
        }
      }
      return ids;
    } catch (NoSuchFileException none) {
      return Set.of();
    } catch (IOException | UncheckedIOException e) {
      throw new RefusedException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Whether that service is not portal's. */
  boolean contains(ServiceId id) {
    return ids.contains(id);
  }

  /** How many there are. */
  int count() {
    return ids.size();
  }

  /** The state that was loaded at the start. */
  void loaded(DesiredState state) {
    storeWasEmpty = state.services().isEmpty();
  }

  /**
   * Decides, once, about what the balancer holds at the start.
   *
   * @param desired the ids of the desired services by now
   * @param observed the ids of what is there
   */
  void meet(Set<ServiceId> desired, Set<ServiceId> observed) {
    if (met) {
      return;
    }
    met = true;
    Set<ServiceId> found = new TreeSet<>(ids);
    if (found.isEmpty() && storeWasEmpty) {
      found.addAll(observed);
    }
    found.removeAll(desired);
    if (found.isEmpty()) {
      return;
    }
    switch (policy) {
      case LEAVE -> {
        keep(found);
        log.warn(
            "{} services are there that are not portal's, and are left alone: {}. To have portal"
                + " take them over start once with adopt, to have it remove them with take",
            found.size(),
            shown(found));
      }
      case ADOPT -> {
        keep(found);
        toAdopt = found;
      }
      case REMOVE -> {
        keep(Set.of());
        log.warn("{} services are there that are not portal's, and are removed", found.size());
      }
    }
  }

  /** The services that are to become desired, once. */
  Set<ServiceId> takeToAdopt() {
    Set<ServiceId> taken = toAdopt;
    toAdopt = Set.of();
    return taken;
  }

  /** What somebody asks portal for is portal's from then on. */
  void changed(StateChange change) {
    if (ids.isEmpty()) {
      return;
    }
    Set<ServiceId> left = new TreeSet<>(ids);
    change.services().forEach((id, service) -> service.ifPresent(wanted -> left.remove(id)));
    if (left.size() < ids.size()) {
      keep(left);
    }
  }

  private void keep(Set<ServiceId> now) {
    ids = Set.copyOf(now);
    if (file.isEmpty()) {
      return;
    }
    Path path = file.get();
    try {
      if (now.isEmpty()) {
        Files.deleteIfExists(path);
        return;
      }
      Path written = path.resolveSibling(path.getFileName() + ".new");
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.write(written, new TreeSet<>(now).stream().map(ServiceId::toString).toList());
      Files.move(written, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.error("{} cannot be written, a restart will not know it: {}", path, e.toString());
    }
  }

  private static String shown(Set<ServiceId> ids) {
    String some =
        ids.stream()
            .sorted()
            .limit(LOGGED)
            .map(ServiceId::toString)
            .collect(Collectors.joining(", "));
    return ids.size() > LOGGED ? some + " and " + (ids.size() - LOGGED) + " more" : some;
  }
}
