package io.portal.proxy.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import io.portal.core.port.Proxy;
import io.portal.core.port.ProxyException;
import io.portal.core.port.ProxyTable;
import io.portal.proxy.internal.Transports;
import io.portal.proxy.tls.CertificateTable;
import io.portal.proxy.tls.SelfSigned;
import io.portal.proxy.tls.ServerCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP and TLS reverse proxy. Listens from {@link Builder#start()} to {@link #close()}, serves
 * the table that was applied last; connections that come before the first one wait for it, so that
 * nobody is told that there are no routes while they are being read. Thread-safe; methods may
 * block.
 */
public final class HttpProxy implements Proxy {

  private static final Logger log = LoggerFactory.getLogger(HttpProxy.class);

  private final EventLoopGroup loops;
  private final Shared shared;
  private final HealthChecks health;
  private final Names names;
  private final Duration drain;
  private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private @Nullable InetSocketAddress http;
  private @Nullable InetSocketAddress tls;

  private HttpProxy(Builder builder) throws IOException {
    drain = builder.drain;
    names = new Names(builder.lookup, builder.limits.connect());
    Dialer dialer = new Dialer(builder.ignoreUpstream, names);
    try {
      SelfSigned own = SelfSigned.create(Instant.now(), List.of("portal.local", "localhost"));
      shared =
          new Shared(
              builder.wire,
              builder.limits,
              new ForwardingOptions(
                  builder.via,
                  builder.underscores,
                  builder.encodedSlashes,
                  HttpResponseStatus.valueOf(builder.noHealthy)),
              dialer,
              CertificateTable.of(
                  ServerCertificate.context(own.key(), List.of(own.certificate())),
                  builder.defaultCert,
                  InstantSource.system()),
              builder.clock);
    } catch (GeneralSecurityException e) {
      throw new IOException("proxy: no certificate can be made: " + e.getMessage(), e);
    }
    loops = Transports.loops("portal-http", builder.threads);
    health = new HealthChecks(shared, loops.next(), dialer, builder.healthInterval);
    try {
      if (builder.http != null) {
        http = listen(builder.http, new Edge(false, builder.trusted));
      }
      if (builder.tls != null) {
        tls = listen(builder.tls, new Edge(true, builder.trusted));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private InetSocketAddress listen(InetSocketAddress address, Edge edge) throws IOException {
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channel(Transports.server())
            .option(ChannelOption.SO_BACKLOG, 4096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Frontend(shared, edge, connections))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("proxy: listen on " + address + ": " + bound.cause().getMessage());
    }
    listeners.add(bound.channel());
    InetSocketAddress local = (InetSocketAddress) bound.channel().localAddress();
    log.info(
        "proxy: listening on {}://{}",
        edge.tls() ? "https" : "http",
        NetUtil.toSocketAddressString(local));
    return local;
  }

  /** A proxy that listens nowhere until it is told where. */
  public static Builder builder() {
    return new Builder();
  }

  /** Where it listens for HTTP; null for nowhere. */
  public @Nullable InetSocketAddress httpAddress() {
    return http;
  }

  /** Where it listens for TLS; null for nowhere. */
  public @Nullable InetSocketAddress tlsAddress() {
    return tls;
  }

  @Override
  public void check(Cert cert) {
    ServerCertificate.of(cert);
  }

  @Override
  public synchronized void apply(ProxyTable table) throws ProxyException {
    try {
      shared.serve(shared.table().next(table), shared.certificates().with(table.certs()));
      listeners.forEach(listener -> listener.config().setAutoRead(true));
    } catch (InvalidException e) {
      throw new ProxyException(String.valueOf(e.getMessage()), e);
    }
  }

  /** What it has done so far; never blocks. */
  public ProxyStats stats() {
    List<String> unhealthy = new ArrayList<>();
    long now = System.nanoTime();
    for (ServedRoute route : shared.table().routes()) {
      for (Target target : route.targets()) {
        if (!target.healthy(now)) {
          unhealthy.add(target.uri().toString());
        }
      }
    }
    return shared.counters().snapshot(connections.size(), unhealthy);
  }

  @Override
  public void stopListening() {
    listeners.close().awaitUninterruptibly();
  }

  @Override
  public void close() {
    stopListening();
    shared.drain();
    for (Channel channel : connections) {
      channel.pipeline().fireUserEventTriggered(Shared.DRAIN);
    }
    connections.newCloseFuture().awaitUninterruptibly(drain.toMillis());
    connections.close().awaitUninterruptibly();
    health.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5000);
    names.close();
  }

  /** Settings of a proxy. Not thread-safe. */
  public static final class Builder {

    private @Nullable InetSocketAddress http;
    private @Nullable InetSocketAddress tls;
    private boolean ignoreUpstream;
    private Duration healthInterval = Duration.ofSeconds(20);
    private Duration drain = Duration.ofSeconds(30);
    private Limits limits = Limits.DEFAULT;
    private Predicate<InetAddress> trusted = address -> false;
    private boolean via;
    private boolean underscores;
    private String defaultCert = "";
    private boolean encodedSlashes;
    private int noHealthy = 503;
    private int threads;
    private boolean wire = true;
    private Names.Lookup lookup = InetAddress::getAllByName;
    private LongSupplier clock = System::nanoTime;

    private Builder() {}

    /** Listens here for HTTP; port 0 for any that is free. */
    public Builder http(InetSocketAddress address) {
      http = address;
      return this;
    }

    /** Listens here for HTTPS; port 0 for any that is free. */
    public Builder tls(InetSocketAddress address) {
      tls = address;
      return this;
    }

    /** Whether certificates of targets are taken unchecked; false at first. */
    public Builder ignoreUpstream(boolean ignore) {
      ignoreUpstream = ignore;
      return this;
    }

    /** How often targets are asked whether they are alive; 20 s at first. */
    public Builder healthInterval(Duration interval) {
      healthInterval = interval;
      return this;
    }

    /** What clients may take. */
    public Builder limits(Limits value) {
      limits = value;
      return this;
    }

    /** How long running requests may take when the proxy stops; 30 s at first. */
    public Builder drainLimit(Duration limit) {
      drain = limit;
      return this;
    }

    /** Whose {@code X-Forwarded-*} are believed; nobody's at first. */
    public Builder trusted(Predicate<InetAddress> networks) {
      trusted = networks;
      return this;
    }

    /**
     * Whether targets are sent {@code Via} (RFC 9110 7.6.3); false at first, since web servers stop
     * compressing for it.
     */
    public Builder via(boolean send) {
      via = send;
      return this;
    }

    /**
     * Whether request headers with an underscore in their name pass; false at first, since targets
     * that follow CGI take {@code X_Forwarded_For} for {@code X-Forwarded-For}.
     */
    public Builder underscoreHeaders(boolean pass) {
      underscores = pass;
      return this;
    }

    /**
     * Whether paths may have encoded slashes and backslashes, {@code %2F} and {@code %5C}; false at
     * first, since targets that decode them before they look at the path find another one than was
     * matched. They are a part of their segment to the routes.
     */
    public Builder encodedSlashes(boolean allow) {
      encodedSlashes = allow;
      return this;
    }

    /**
     * The host name whose cert clients get that name no host, or one without a cert; empty, as at
     * first, for that of the cert that became valid first.
     */
    public Builder defaultCert(String name) {
      defaultCert = name;
      return this;
    }

    /** The status for routes without a healthy target: 503, as at first, or 502. */
    public Builder noHealthyStatus(int code) {
      if (code != 502 && code != 503) {
        throw new IllegalArgumentException("noHealthyStatus is " + code + ", must be 502 or 503");
      }
      noHealthy = code;
      return this;
    }

    /** How many event loops; 0, as at first, for Netty's default. */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /** Whether plain requests pass as bytes, as they do at first; for tests of the other way. */
    Builder wire(boolean bytes) {
      wire = bytes;
      return this;
    }

    /** What connections take the time from, in nanoseconds; {@link System#nanoTime} at first. */
    Builder clock(LongSupplier value) {
      clock = value;
      return this;
    }

    /** What finds targets' names; the system's resolver at first. */
    Builder lookup(Names.Lookup value) {
      lookup = value;
      return this;
    }

    /**
     * Starts listening.
     *
     * @throws IOException if an address cannot be had
     */
    public HttpProxy start() throws IOException {
      return new HttpProxy(this);
    }
  }
}
