package io.portal.core;

import io.portal.core.internal.Reconciler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Services and their servers. Reading never blocks; what changes something returns when the change
 * is durable and the balancer has it, and throws a {@link PortalException} when it is refused, with
 * everything as it was. Thread-safe.
 */
public final class Services {

  private final Reconciler reconciler;
  private final InstantSource clock;

  Services(Reconciler reconciler, InstantSource clock) {
    this.reconciler = reconciler;
    this.clock = clock;
  }

  /** All services, in the order of their ids. */
  public List<Service> list() {
    return List.copyOf(reconciler.state().services().values());
  }

  /** The service of that id. */
  public Optional<Service> find(ServiceId id) {
    return Optional.ofNullable(reconciler.state().services().get(id));
  }

  /**
   * The service of that id.
   *
   * @throws NotFoundException if there is none
   */
  public Service get(ServiceId id) {
    return get(reconciler.state(), id);
  }

  /**
   * Adds a service. One that is there already is left as it is, except that its draining is called
   * off.
   *
   * @return what is stored now
   */
  public Service add(Service service) {
    return write(
            state -> {
              Service there = state.services().get(service.id());
              if (there == null) {
                return put(service);
              }
              return there.draining() ? put(there.withDrainUntil(null)) : StateChange.NONE;
            })
        .services()
        .getOrDefault(service.id(), service);
  }

  /**
   * Replaces the service of that id; the new one may have another id.
   *
   * @throws NotFoundException if there is none
   * @throws ConflictException if the new id is another service's
   */
  public Service replace(ServiceId id, Service service) {
    return update(id, there -> service);
  }

  /**
   * Changes the service of that id to what is made of it; the new one may have another id. Nothing
   * that others write meanwhile is lost.
   *
   * @param edit makes the new service of the present one; may be called more than once, on the
   *     reconciler's thread, and refuses by throwing a {@link PortalException}
   * @return what is stored now
   * @throws NotFoundException if there is none
   * @throws ConflictException if the new id is another service's
   */
  public Service update(ServiceId id, UnaryOperator<Service> edit) {
    AtomicReference<Service> stored = new AtomicReference<>();
    write(
        state -> {
          Service there = get(state, id);
          Service asked = edit.apply(there);
          boolean same = id.equals(asked.id());
          Service service = keepingDrains(asked, same ? there : null);
          stored.set(service);
          if (same) {
            return put(service);
          }
          if (state.services().containsKey(service.id())) {
            throw new ConflictException("Service exists - '" + service.id() + "'");
          }
          return new StateChange.Builder().remove(id).put(service).build();
        });
    return stored.get();
  }

  /**
   * Replaces all services, as a diff: what stays the same is not touched.
   *
   * @param services of those with the same id the last counts
   * @return what is stored now, in the order given
   */
  public List<Service> setAll(List<Service> services) {
    Map<ServiceId, Service> wanted = new LinkedHashMap<>();
    services.forEach(service -> wanted.put(service.id(), service));
    write(
        state -> {
          StateChange.Builder change = new StateChange.Builder();
          wanted.forEach(
              (id, service) -> change.put(keepingDrains(service, state.services().get(id))));
          for (ServiceId id : state.services().keySet()) {
            if (!wanted.containsKey(id)) {
              change.remove(id);
            }
          }
          return change.build();
        });
    return List.copyOf(wanted.values());
  }

  /** Removes a service; removing what is not there succeeds. */
  public void remove(ServiceId id) {
    write(state -> new StateChange.Builder().remove(id).build());
  }

  /**
   * Removes a service when its last active connection has ended, or after that time. It takes no
   * new connections from now on. Returns at once.
   *
   * @return whether there is such a service
   */
  public boolean remove(ServiceId id, Duration drain) {
    DesiredState after =
        write(
            state -> {
              Service there = state.services().get(id);
              return there == null
                  ? StateChange.NONE
                  : put(there.withDrainUntil(clock.instant().plus(drain)));
            });
    return after.services().containsKey(id);
  }

  /**
   * Adds a server to a service. One that is there already is left as it is, except that its
   * draining is called off.
   *
   * @return what is stored now
   * @throws NotFoundException if there is no such service
   */
  public Server addServer(ServiceId id, Server server) {
    DesiredState after =
        write(
            state -> {
              Service service = get(state, id);
              Optional<Server> there = service.server(server.id());
              if (there.isEmpty()) {
                return put(service.withServer(server));
              }
              return there.get().draining()
                  ? put(service.withServer(there.get().withDrainUntil(null)))
                  : StateChange.NONE;
            });
    return Optional.ofNullable(after.services().get(id))
        .flatMap(service -> service.server(server.id()))
        .orElse(server);
  }

  /**
   * Replaces all servers of a service, as a diff: what stays the same is not touched.
   *
   * @throws NotFoundException if there is no such service
   */
  public List<Server> setServers(ServiceId id, List<Server> servers) {
    DesiredState after =
        write(
            state -> {
              Service there = get(state, id);
              return put(keepingDrains(there.withServers(servers), there));
            });
    return Optional.ofNullable(after.services().get(id)).map(Service::servers).orElse(servers);
  }

  /**
   * The server of that id.
   *
   * @throws NotFoundException if there is no such service or server
   */
  public Server getServer(ServiceId id, ServerId serverId) {
    return get(id).server(serverId).orElseThrow(NotFoundException::server);
  }

  /**
   * Changes a server to what is made of it, in its place among the servers; the new one may have
   * another id. Nothing that others write meanwhile is lost.
   *
   * @param edit makes the new server of the present one; may be called more than once, on the
   *     reconciler's thread, and refuses by throwing a {@link PortalException}
   * @return what is stored now
   * @throws NotFoundException if there is no such service or server
   * @throws ConflictException if the new id is another server's
   */
  public Server updateServer(ServiceId id, ServerId serverId, UnaryOperator<Server> edit) {
    AtomicReference<Server> stored = new AtomicReference<>();
    write(
        state -> {
          Service service = get(state, id);
          Server there = service.server(serverId).orElseThrow(NotFoundException::server);
          Server asked = edit.apply(there);
          Server server =
              Objects.equals(asked.drainUntil(), there.drainUntil())
                  ? asked
                  : asked.withDrainUntil(null);
          stored.set(server);
          if (!server.id().equals(serverId) && service.server(server.id()).isPresent()) {
            throw new ConflictException("Server exists - '" + server.id() + "'");
          }
          return put(
              service.withServers(
                  service.servers().stream()
                      .map(other -> other.id().equals(serverId) ? server : other)
                      .toList()));
        });
    return stored.get();
  }

  /**
   * Removes a server; removing one that is not there succeeds.
   *
   * @throws NotFoundException if there is no such service
   */
  public void removeServer(ServiceId id, ServerId serverId) {
    write(state -> put(get(state, id).withoutServer(serverId)));
  }

  /**
   * Removes a server when its last active connection has ended, or after that time. It takes no new
   * connections from now on. Returns at once.
   *
   * @return whether there is such a server
   * @throws NotFoundException if there is no such service
   */
  public boolean removeServer(ServiceId id, ServerId serverId, Duration drain) {
    DesiredState after =
        write(
            state -> {
              Service service = get(state, id);
              return service
                  .server(serverId)
                  .map(there -> there.withDrainUntil(clock.instant().plus(drain)))
                  .map(server -> put(service.withServer(server)))
                  .orElse(StateChange.NONE);
            });
    return Optional.ofNullable(after.services().get(id))
        .flatMap(service -> service.server(serverId))
        .isPresent();
  }

  /**
   * A service as it was asked for, with those of its drains that run in {@code there} already: a
   * list that is written back as it was read calls none of them off, and starts none anew.
   */
  private static Service keepingDrains(Service asked, @Nullable Service there) {
    Service kept = asked;
    if (asked.draining()
        && (there == null || !Objects.equals(asked.drainUntil(), there.drainUntil()))) {
      kept = kept.withDrainUntil(null);
    }
    for (Server server : asked.servers()) {
      Optional<Server> present =
          there == null ? Optional.empty() : there.server(server.id()).filter(Server::draining);
      if (server.draining()
          && !Objects.equals(server.drainUntil(), present.map(Server::drainUntil).orElse(null))) {
        kept = kept.withServer(server.withDrainUntil(null));
      }
    }
    return kept;
  }

  private DesiredState write(Function<DesiredState, StateChange> edit) {
    return reconciler.write(edit);
  }

  private static StateChange put(Service service) {
    return new StateChange.Builder().put(service).build();
  }

  private static Service get(DesiredState state, ServiceId id) {
    Service service = state.services().get(id);
    if (service == null) {
      throw NotFoundException.service();
    }
    return service;
  }
}
