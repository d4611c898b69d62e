package io.portal.proxy.l4;

import org.jspecify.annotations.Nullable;

/**
 * A connection's place at a server, for the accounts. Thread-safe; ends once, however often told.
 */
final class Assignment {

  private final VirtualService service;
  private final Flow flow;
  private final Backend backend;
  private final Persistence.@Nullable Entry held;
  private boolean active;
  private boolean ended;

  Assignment(
      VirtualService service,
      Flow flow,
      Backend backend,
      boolean active,
      Persistence.@Nullable Entry held) {
    this.service = service;
    this.flow = flow;
    this.backend = backend;
    this.active = active;
    this.held = held;
  }

  Flow flow() {
    return flow;
  }

  Backend backend() {
    return backend;
  }

  /** One side has ended: the connection counts as inactive. */
  void quiet() {
    synchronized (service) {
      if (active && !ended) {
        active = false;
        backend.quiet();
      }
    }
  }

  /** The connection is over. */
  void end() {
    synchronized (service) {
      if (!ended) {
        ended = true;
        backend.end(active);
        if (held != null) {
          Persistence.release(held);
        }
        service.ended(backend);
      }
    }
  }

  void received(int bytes) {
    service.traffic().inBytes.add(bytes);
    backend.traffic().inBytes.add(bytes);
  }

  void sent(int bytes) {
    service.traffic().outBytes.add(bytes);
    backend.traffic().outBytes.add(bytes);
  }

  void receivedPacket() {
    service.traffic().inPackets.increment();
    backend.traffic().inPackets.increment();
  }

  void sentPacket() {
    service.traffic().outPackets.increment();
    backend.traffic().outPackets.increment();
  }
}
