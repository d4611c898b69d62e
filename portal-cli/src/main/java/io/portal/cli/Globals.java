package io.portal.cli;

import java.util.List;

/** The flags that every command knows. Most of them are the daemon's configuration keys. */
final class Globals {

  /** How answers are printed. */
  static final Flag OUTPUT =
      Flag.value("output", Flag.NONE, "FORMAT", "", "print answers as table, json or yaml");

  /** How long a command waits for a daemon that is starting; no key of the daemon's. */
  static final Flag WAIT =
      Flag.value("wait", Flag.NONE, "TIME", "", "how long to wait for a daemon that is starting");

  /** Whether a field that the API does not know is refused; no key of the daemon's. */
  static final Flag STRICT =
      Flag.toggle("strict", Flag.NONE, "refuse unknown fields of JSON; default for what is typed");

  /** Explains instead of doing. */
  static final Flag HELP = Flag.toggle("help", 'h', "explain a command");

  static final Flag VERSION = Flag.toggle("version", 'v', "print the version");

  static final Flag CONF =
      Flag.value("conf", 'c', "FILE", "", "configuration file: JSON, YAML, TOML or properties");

  /** Flags that are a configuration key of the same name, of the daemon or of both. */
  static final List<Flag> KEYS =
      orEmpty(
          Flag.toggle("adopt", Flag.NONE, "first start: services that are there become portal's"),
          Flag.value("api-cert", 'C', "FILE", "", "TLS certificate of the API; a client trusts it"),
          Flag.value("api-host", 'H', "HOST", "127.0.0.1", "address of the API"),
          Flag.value("api-key", 'k', "FILE", "", "key of the API's certificate"),
          Flag.value("api-key-password", 'p', "PASSWORD", "", "password of that key"),
          Flag.value("api-port", 'P', "PORT", "8443", "port of the API"),
          Flag.value("api-token", 't', "TOKEN", "", "token of the API"),
          Flag.value(
              "api-token-file", Flag.NONE, "FILE", "", "file that holds it; ps shows no file"),
          Flag.toggle(
              "allow-anonymous", Flag.NONE, "listen beyond loopback although without token"),
          Flag.value("balancer", 'b', "NAME", "lvs", "lvs, nginx or userspace"),
          Flag.toggle("clear-on-exit", Flag.NONE, "remove services and vips at a clean stop"),
          Flag.value(
              "cluster-answer-timeout",
              Flag.NONE,
              "TIME",
              "30s",
              "how long a write waits for the other members"),
          Flag.value("cluster-connection", 'r', "URL", "none://", "redis://host:6379 and the like"),
          Flag.value(
              "cluster-dead-after",
              Flag.NONE,
              "TIME",
              "20s",
              "how long writes wait for a silent member"),
          Flag.value("cluster-token", 'T', "TOKEN", "", "token of the cluster"),
          Flag.value(
              "cluster-vip-lease", Flag.NONE, "TIME", "3s", "how long a silent member keeps vips"),
          Flag.value(
              "db-connection",
              'd',
              "URL",
              "scribble:///var/db/portal",
              "scribble:///directory or postgres://..."),
          Flag.value("firewall", Flag.NONE, "NAME", "none", "none, or nftables to let services in"),
          Flag.value(
              "health-interval",
              Flag.NONE,
              "TIME",
              "20s",
              "how often targets of routes are asked whether they are alive"),
          Flag.value(
              "ignore-addresses",
              Flag.NONE,
              "CIDRS",
              "",
              "networks whose services are not portal's"),
          Flag.toggle(
              "insecure", 'i', "client: trust any server, even without TLS; daemon: no TLS"),
          Flag.value(
              "ipvs-sync",
              Flag.NONE,
              "INTERFACE",
              "",
              "where IPVS tells other directors of its connections"),
          Flag.value("ipvs-sync-id", Flag.NONE, "ID", "0", "which directors share them, 0 to 255"),
          Flag.value(
              "ipvs-sysctls",
              Flag.NONE,
              "on|off",
              "on",
              "set what draining needs below net.ipv4.vs"),
          Flag.toggle("just-proxy", 'j', "routes and certs only, no services"),
          Flag.value("log-file", 'L', "FILE", "", "write the log to this file, rotated"),
          Flag.value("log-format", Flag.NONE, "FORMAT", "text", "text or json"),
          Flag.value("log-level", 'l', "LEVEL", "INFO", "TRACE, DEBUG, INFO, WARN or ERROR"),
          Flag.value("max-body", Flag.NONE, "BYTES", "16777216", "largest request body of the API"),
          Flag.value(
              "metrics-servers",
              Flag.NONE,
              "WHICH",
              "auto",
              "servers in /metrics: on, off, or auto (up to 1,000 services)"),
          Flag.value("nginx-pid", Flag.NONE, "FILE", "", "pid file of an nginx to take over"),
          Flag.toggle("proxy-ignore-upstream", 'u', "do not check the certificates of targets"),
          Flag.value(
              "proxy-default-cert", Flag.NONE, "NAME", "", "whose cert unknown names are served"),
          Flag.value(
              "proxy-drain", Flag.NONE, "TIME", "30s", "time for running requests at a stop"),
          Flag.toggle("proxy-encoded-slashes", Flag.NONE, "take paths with %2F or %5C in them"),
          Flag.value(
              "proxy-idle-timeout",
              Flag.NONE,
              "TIME",
              "120s",
              "how long a connection or stream may stand still"),
          Flag.value(
              "proxy-no-healthy-status",
              Flag.NONE,
              "CODE",
              "503",
              "answer when no target is healthy: 503, or 502"),
          Flag.value(
              "proxy-response-timeout",
              Flag.NONE,
              "TIME",
              "60s",
              "time for a target's response to begin; else 504"),
          Flag.value("proxy-http", 'x', "ADDRESS", "0.0.0.0:80", "where the proxy listens, or off"),
          Flag.value("proxy-tls", 'X', "ADDRESS", "0.0.0.0:443", "the same for HTTPS"),
          Flag.value(
              "proxy-trusted", Flag.NONE, "CIDRS", "", "whose X-Forwarded headers are believed"),
          Flag.toggle(
              "proxy-underscore-headers",
              Flag.NONE,
              "pass request headers such as X_Forwarded_For"),
          Flag.toggle("proxy-via", Flag.NONE, "send Via to targets; many stop compressing for it"),
          Flag.value(
              "reconcile-interval", Flag.NONE, "TIME", "30s", "how often drift is looked for"),
          Flag.toggle("server", 's', "run the daemon"),
          Flag.toggle("take", Flag.NONE, "first start: services that are there are removed"),
          Flag.toggle(
              "set-aside-damaged", Flag.NONE, "start without the damaged files of the store"),
          Flag.toggle(
              "vip-detect-duplicates", Flag.NONE, "ask before an IPv6 vip is used, takes a second"),
          Flag.value("work-dir", 'w', "DIRECTORY", "/var/db/portal", "the daemon's own files"));

  /** All of them, in the order of the help. */
  static final List<Flag> ALL = all();

  private Globals() {}

  /** Whether a setting may be empty, the settings' own check says. */
  private static List<Flag> orEmpty(Flag... flags) {
    for (int i = 0; i < flags.length; i++) {
      flags[i] = flags[i].orEmpty();
    }
    return List.of(flags);
  }

  private static List<Flag> all() {
    List<Flag> all = new java.util.ArrayList<>(KEYS);
    all.add(CONF);
    all.add(OUTPUT);
    all.add(WAIT);
    all.add(STRICT);
    all.add(VERSION);
    all.add(HELP);
    return List.copyOf(all);
  }
}
