package io.portal.proxy.http;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.portal.proxy.tls.CertificateTable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What all connections of a proxy share. Thread-safe. */
final class Shared {

  /** Told to every connection when the proxy stops. */
  static final Object DRAIN = new Object();

  /** Told to a connection that has had its time for a first head. */
  static final Object HEAD_LATE = new Object();

  private final Limits limits;
  private final SslContext clientTls;
  private final Counters counters = new Counters();
  private final Map<EventLoop, Upstreams> upstreams = new ConcurrentHashMap<>();
  private volatile ServingTable table = ServingTable.empty();
  private volatile CertificateTable certificates;
  private volatile boolean draining;

  Shared(Limits limits, SslContext clientTls, CertificateTable certificates) {
    this.limits = limits;
    this.clientTls = clientTls;
    this.certificates = certificates;
  }

  Limits limits() {
    return limits;
  }

  Counters counters() {
    return counters;
  }

  Upstreams upstreams(EventLoop loop) {
    return upstreams.computeIfAbsent(loop, l -> new Upstreams(l, clientTls, limits));
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
