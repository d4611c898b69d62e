package io.portal.proxy.http;

import io.netty.channel.EventLoop;
import io.portal.proxy.tls.CertificateTable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** What all connections of a proxy share. Thread-safe. */
final class Shared {

  /** Told to every connection when the proxy stops. */
  static final Object DRAIN = new Object();

  /** What the connections of one event loop share. */
  record Local(Upstreams upstreams, WirePool pool, CoarseTimer timer) {}

  private final Limits limits;
  private final ForwardingOptions options;
  private final Dialer dialer;
  private final Counters counters = new Counters();
  private final WindowBudget windows = WindowBudget.ofMemory();
  private final FailureLog failures = new FailureLog();
  private final Map<EventLoop, Local> locals = new ConcurrentHashMap<>();
  private volatile ServingTable table = ServingTable.empty();
  private volatile CertificateTable certificates;
  private volatile boolean draining;

  private final boolean wire;
  private final LongSupplier clock;

  Shared(
      boolean wire,
      Limits limits,
      ForwardingOptions options,
      Dialer dialer,
      CertificateTable certificates,
      LongSupplier clock) {
    this.clock = clock;
    this.wire = wire;
    this.limits = limits;
    this.options = options;
    this.dialer = dialer;
    this.certificates = certificates;
  }

  /** Whether plain requests pass as bytes; without, everything goes through codecs. */
  boolean wire() {
    return wire;
  }

  Limits limits() {
    return limits;
  }

  ForwardingOptions options() {
    return options;
  }

  Counters counters() {
    return counters;
  }

  FailureLog failures() {
    return failures;
  }

  WindowBudget windows() {
    return windows;
  }

  Local local(EventLoop loop) {
    return locals.computeIfAbsent(loop, this::open);
  }

  private Local open(EventLoop loop) {
    Upstreams upstreams = new Upstreams(loop, dialer, limits, windows);
    WirePool pool = new WirePool(loop, dialer, limits);
    CoarseTimer timer = new CoarseTimer(loop, limits, clock);
    timer.add(upstreams);
    timer.add(pool.idle());
    return new Local(upstreams, pool, timer);
  }

  ServingTable table() {
    return table;
  }

  CertificateTable certificates() {
    return certificates;
  }

  void serve(ServingTable nextTable, CertificateTable nextCertificates) {
    table = nextTable;
    certificates = nextCertificates;
  }

  boolean draining() {
    return draining;
  }

  void drain() {
    draining = true;
  }
}
