package io.portal.api.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every configuration key, with its default and what is allowed. */
public enum Setting {
  /** Services that are there at the first start, with an empty store, become portal's. */
  ADOPT("false", Check.BOOLEAN),
  API_CERT("", Check.ANY),
  API_HOST("127.0.0.1", Check.ADDRESS),
  API_KEY("", Check.ANY),
  API_KEY_PASSWORD("", Check.ANY),
  API_PORT("8443", Check.PORT),
  API_TOKEN("", Check.ANY),
  /** File that holds the token, which then stands in no list of processes; see {@link Config}. */
  API_TOKEN_FILE("", Check.ANY),
  /** Listens on more than loopback although there is no token. */
  ALLOW_ANONYMOUS("false", Check.BOOLEAN),
  BALANCER("lvs", Check.BALANCER),
  CLEAR_ON_EXIT("false", Check.BOOLEAN),
  /** How long a write waits for the other members. */
  CLUSTER_ANSWER_TIMEOUT("30s", Check.DURATION),
  CLUSTER_CONNECTION("none://", Check.CLUSTER),
  /** How long a silent member counts as alive, and writes wait for it. */
  CLUSTER_DEAD_AFTER("20s", Check.DURATION),
  CLUSTER_TOKEN("", Check.ANY),
  /** How long a silent member keeps its vips. */
  CLUSTER_VIP_LEASE("3s", Check.DURATION),
  DB_CONNECTION("scribble:///var/db/portal", Check.STORE),
  /** What is told to let the services' packets in; see docs/firewall.md. */
  FIREWALL("none", Check.FIREWALL),
  /** How often the proxy asks targets whether they are alive. */
  HEALTH_INTERVAL("20s", Check.DURATION),
  /** Networks that portal leaves alone, separated by commas. */
  IGNORE_ADDRESSES("", Check.NETWORKS),
  INSECURE("false", Check.BOOLEAN),
  /** Interface on which IPVS tells other directors of its connections; empty for none. */
  IPVS_SYNC("", Check.INTERFACE),
  /** Directors of one id share their connections; 0 takes those of all. */
  IPVS_SYNC_ID("0", Check.SYNC_ID),
  /** Whether portal sets what its promises need below net.ipv4.vs. */
  IPVS_SYSCTLS("on", Check.ON_OFF),
  JUST_PROXY("false", Check.BOOLEAN),
  LOG_FILE("", Check.ANY),
  LOG_FORMAT("text", Check.LOG_FORMAT),
  LOG_LEVEL("INFO", Check.LOG_LEVEL),
  /** The largest request body of the API, in bytes. */
  MAX_BODY("16777216", Check.SIZE),
  /** Whether each server has series of its own in /metrics; auto: up to 1,000 services. */
  METRICS_SERVERS("auto", Check.METRICS_SERVERS),
  /** Pid file of an nginx that portal is to take over; empty for one of its own. */
  NGINX_PID("", Check.ANY),
  /** Host name whose cert is served to clients that name no host, or one without a cert. */
  PROXY_DEFAULT_CERT("", Check.HOST_NAME),
  /** How long running requests of the proxy may take when the daemon stops. */
  PROXY_DRAIN("30s", Check.DURATION),
  /** Whether paths of requests may have encoded slashes; see SECURITY.md. */
  PROXY_ENCODED_SLASHES("false", Check.BOOLEAN),
  PROXY_HTTP("0.0.0.0:80", Check.LISTENER),
  /** How long a connection or stream of the proxy may stand still. */
  PROXY_IDLE_TIMEOUT("120s", Check.DURATION),
  PROXY_IGNORE_UPSTREAM("false", Check.BOOLEAN),
  /** The status for routes without a healthy target. */
  PROXY_NO_HEALTHY_STATUS("503", Check.NO_HEALTHY),
  /** How long a target may take from the end of a request to the head of its response. */
  PROXY_RESPONSE_TIMEOUT("60s", Check.DURATION),
  PROXY_TLS("0.0.0.0:443", Check.LISTENER),
  /** Networks whose X-Forwarded headers the proxy believes, separated by commas. */
  PROXY_TRUSTED("", Check.NETWORKS),
  /** Whether request headers with an underscore in their name pass; see SECURITY.md. */
  PROXY_UNDERSCORE_HEADERS("false", Check.BOOLEAN),
  /** Whether targets are sent Via (RFC 9110 7.6.3); many do not compress for it. */
  PROXY_VIA("false", Check.BOOLEAN),
  RECONCILE_INTERVAL("30s", Check.DURATION),
  SERVER("false", Check.BOOLEAN),
  /** Starts although files of the store are damaged or missing, with the rest. */
  SET_ASIDE_DAMAGED("false", Check.BOOLEAN),
  /** Services that are there at the first start, with an empty store, are removed. */
  TAKE("false", Check.BOOLEAN),
  /** Whether an IPv6 vip waits until the neighbours were asked for it (RFC 4862 5.4). */
  VIP_DETECT_DUPLICATES("false", Check.BOOLEAN),
  WORK_DIR("/var/db/portal", Check.ANY);

  private final String key = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final String fallback;
  private final Check check;

  Setting(String fallback, Check check) {
    this.fallback = fallback;
    this.check = check;
  }

  /** The key as it stands in files and flags: {@code api-host}. */
  public String key() {
    return key;
  }

  /** The environment's variable: {@code PORTAL_API_HOST}. */
  public String variable() {
    return "PORTAL_" + name();
  }

  /** The value when nothing sets one. */
  public String fallback() {
    return fallback;
  }

  /** The setting of that key. */
  public static Optional<Setting> of(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
  }

  /** Whether the value is true or false. */
  boolean isBoolean() {
    return check == Check.BOOLEAN;
  }

  /** Whether the value must not be shown. */
  boolean secret() {
    return this == API_TOKEN || this == API_KEY_PASSWORD || this == CLUSTER_TOKEN;
  }

  /**
   * Checks a value, if there is one.
   *
   * @param source where it comes from, for the message
   * @param faults gets a line if it is not allowed
   */
  void check(String source, @Nullable String value, List<String> faults) {
    if (value != null && !check.allows(value)) {
      String shown = secret() ? "***" : value;
      faults.add(
          source + ": " + key + ": '" + shown + "' is not allowed: must be " + check.allowed());
    }
  }
}
