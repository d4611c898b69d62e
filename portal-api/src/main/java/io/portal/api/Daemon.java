package io.portal.api;

import com.google.common.io.Closer;
import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import io.portal.api.firewall.NftFirewall;
import io.portal.api.http.ApiServer;
import io.portal.api.http.Router;
import io.portal.api.http.Token;
import io.portal.api.resource.ClusterResource;
import io.portal.api.resource.CollectionResource;
import io.portal.api.resource.FirstApiResource;
import io.portal.api.resource.LogLevelResource;
import io.portal.api.resource.MetricsResource;
import io.portal.api.resource.OpenApiResource;
import io.portal.api.resource.ServersResource;
import io.portal.api.resource.ServicesResource;
import io.portal.api.resource.StateResource;
import io.portal.api.resource.StatsResource;
import io.portal.core.Portal;
import io.portal.core.port.Balancer;
import io.portal.core.port.Firewall;
import io.portal.core.port.FirewallException;
import io.portal.core.port.VipManager;
import io.portal.ipvs.IpvsSync;
import io.portal.proxy.http.HttpProxy;
import io.portal.store.redis.RedisCluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The daemon: portal with the parts that the settings name, and the REST API in front of it. */
public final class Daemon implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private final Portal portal;
  private final Optional<RedisCluster> cluster;
  private final Optional<IpvsSync> sync;
  private final Router router;
  private final ApiServer server;

  private Daemon(Parts parts, Router router, ApiServer server) {
    this.portal = parts.portal();
    this.cluster = parts.cluster();
    this.sync = parts.sync();
    this.router = router;
    this.server = server;
  }

  /**
   * Starts it; returns when the first pass is done and the API listens.
   *
   * @throws ConfigException if the settings do not go together
   * @throws IOException if the store or a listener cannot be had
   */
  public static Daemon start(Config config) throws IOException {
    Logging.configure(config);
    if (config.token().isEmpty()) {
      log.warn("API: no token is set (api-token): whoever reaches the API may change everything");
    }
    ConfigCheck.token(config);
    Parts parts = parts(config);
    Portal portal = parts.portal();
    try {
      Router router = new Router();
      new ServicesResource(portal).addTo(router);
      new ServersResource(portal).addTo(router);
      new FirstApiResource(portal).addTo(router);
      new StatsResource(portal).addTo(router);
      new MetricsResource(portal, parts.proxy(), config.get(Setting.METRICS_SERVERS)).addTo(router);
      CollectionResource.routes(portal).addTo(router);
      CollectionResource.certs(portal).addTo(router);
      CollectionResource.vips(portal).addTo(router);
      new StateResource(portal, Build.json(), () -> parts.cluster().map(RedisCluster::phase))
          .addTo(router);
      new ClusterResource(parts.cluster()).addTo(router);
      new LogLevelResource(Logging::level, Logging::level).addTo(router);
      new OpenApiResource().addTo(router);
      ApiServer server =
          ApiServer.start(
              config.api(),
              config.on(Setting.INSECURE)
                  ? Optional.empty()
                  : Optional.of(ApiCertificate.context(config)),
              router,
              new Token(config.token()),
              config.number(Setting.MAX_BODY));
      log.info(
          "API: listening on {}://{}:{}",
          config.on(Setting.INSECURE) ? "http" : "https",
          config.get(Setting.API_HOST),
          server.port());
      return new Daemon(parts, router, server);
    } catch (IOException | RuntimeException e) {
      portal.close();
      parts.sync().ifPresent(IpvsSync::close);
      throw e;
    }
  }

  /** What runs behind the API; closing the portal closes all of it but the sync. */
  private record Parts(
      Portal portal,
      Optional<HttpProxy> proxy,
      Optional<RedisCluster> cluster,
      Optional<IpvsSync> sync) {}

  private static Parts parts(Config config) throws IOException {
    Closer opened = Closer.create();
    try {
      StateStores stores = StateStores.open(config);
      opened.register(stores.store()::close);
      Portal.Builder builder =
          Portal.builder()
              .store(stores.store())
              .interval(config.duration(Setting.RECONCILE_INTERVAL))
              .leaveAlone(config.networks(Setting.IGNORE_ADDRESSES))
              .existingServices(
                  Balancers.existing(config),
                  config.path(Setting.WORK_DIR).resolve("unmanaged-services"))
              .clearOnExit(config.on(Setting.CLEAR_ON_EXIT))
              .reservedSockets(reserved(config));
      Optional<HttpProxy> proxy = Proxies.open(config);
      if (proxy.isPresent()) {
        opened.register(proxy.get()::close);
        builder.proxy(proxy.get());
      }
      VipManager vips = VipManagers.open(config);
      opened.register(vips::close);
      builder.vips(vips);
      Optional<IpvsSync> sync = Optional.empty();
      if (!config.on(Setting.JUST_PROXY)) {
        Balancer balancer = Balancers.open(config);
        opened.register(balancer::close);
        builder.balancer(balancer);
        sync = Balancers.synchronise(config);
        sync.ifPresent(opened::register);
      }
      if (config.get(Setting.FIREWALL).equals("nftables")) {
        builder.firewall(firewall(), listeners(config));
      }
      stores.cluster().ifPresent(builder::vipOwnership);
      return new Parts(builder.start(), proxy, stores.cluster(), sync);
    } catch (IOException | RuntimeException e) {
      try {
        opened.close();
      } catch (IOException | RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private static Firewall firewall() throws IOException {
    try {
      return NftFirewall.open();
    } catch (FirewallException e) {
      throw new IOException("firewall: " + e.getMessage(), e);
    }
  }

  /** What clients of the proxy must reach; who may reach the API is the operator's to say. */
  private static List<InetSocketAddress> listeners(Config config) {
    List<InetSocketAddress> sockets = new ArrayList<>();
    config.listener(Setting.PROXY_HTTP).ifPresent(sockets::add);
    config.listener(Setting.PROXY_TLS).ifPresent(sockets::add);
    return sockets;
  }

  private static List<InetSocketAddress> reserved(Config config) {
    List<InetSocketAddress> sockets = new ArrayList<>();
    sockets.add(config.api());
    for (Setting listener : List.of(Setting.PROXY_HTTP, Setting.PROXY_TLS)) {
      config
          .listener(listener)
          // An IPVS service on one address goes before a listener on all of them: both may be.
          .filter(socket -> !socket.getAddress().isAnyLocalAddress() || !inKernel(config))
          .ifPresent(sockets::add);
    }
    return sockets;
  }

  private static boolean inKernel(Config config) {
    return config.get(Setting.BALANCER).equals("lvs");
  }

  /** The port that the API listens on. */
  public int port() {
    return server.port();
  }

  /** Every path that the API answers. */
  List<Router.Endpoint> endpoints() {
    return router.endpoints();
  }

  /**
   * Takes over what of the settings can change while the daemon runs: the log's level. Settings
   * that are wrong change nothing, and the log says so.
   *
   * @param config reads the settings again
   */
  public void reload(Supplier<Config> config) {
    try {
      Logging.level(config.get().get(Setting.LOG_LEVEL));
      log.info("configuration read again: log level {}", Logging.level());
    } catch (ConfigException e) {
      log.error("configuration read again, nothing changed: {}", e.getMessage());
    }
  }

  /** What the API is in front of. */
  public Portal portal() {
    return portal;
  }

  /** Stops listening, finishes what runs, and stops; services stay unless told otherwise. */
  @Override
  public void close() {
    log.info("stopping");
    server.close();
    if (cluster.isPresent()) {
      // Another member takes the vips as soon as the cluster is left: they must be off this host.
      cluster.get().leave();
      portal.reconcile();
    }
    // Before the proxy drains: a successor that starts meanwhile has a sync of its own.
    sync.ifPresent(IpvsSync::close);
    portal.close();
    log.info("stopped");
  }
}
