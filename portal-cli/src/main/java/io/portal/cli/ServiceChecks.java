package io.portal.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the doctor asks of programs, ports, directories and other servers. */
final class ServiceChecks {

  private static final int CONNECT_MILLIS = 2_000;

  private final Host host;
  private final Settings.Lookup keys;
  private final Settings settings;

  ServiceChecks(Host host, Settings.Lookup keys, Settings settings) {
    this.host = host;
    this.keys = keys;
    this.settings = settings;
  }

  List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(nginx());
    database().ifPresent(checks::add);
    cluster().ifPresent(checks::add);
    boolean running = running();
    checks.add(port("API port", keys.get("api-host") + ":" + keys.get("api-port"), running));
    if (!keys.get("proxy-http").equals("off")) {
      checks.add(port("HTTP port", keys.get("proxy-http"), running));
    }
    if (!keys.get("proxy-tls").equals("off")) {
      checks.add(port("HTTPS port", keys.get("proxy-tls"), running));
    }
    if (keys.get("firewall").equals("nftables")) {
      checks.add(firewall());
    }
    checks.add(directory("work directory", keys.get("work-dir"), "-w DIRECTORY"));
    return checks;
  }

  private Check nginx() {
    boolean needed = keys.get("balancer").equals("nginx");
    String install = "apt-get install nginx-light libnginx-mod-stream";
    Optional<Path> program = host.program("nginx");
    if (program.isEmpty()) {
      return Check.lacking(needed, "nginx", "not there; only --balancer nginx needs it", install);
    }
    String text = Host.run(program.get(), "-V").orElse("");
    String version = text.lines().findFirst().orElse("").replace("nginx version: ", "");
    boolean module =
        text.contains("--with-stream ")
            || Files.exists(Path.of("/usr/lib/nginx/modules/ngx_stream_module.so"));
    return module
        ? Check.ok("nginx", version + " with its stream module")
        : Check.lacking(needed, "nginx", version + ", but not its stream module", install);
  }

  private Check firewall() {
    Optional<Path> program = host.program("nft");
    if (program.isEmpty()) {
      return Check.lacking(true, "firewall", "nft is not there", "apt-get install nftables");
    }
    String said = Host.run(program.get(), "list", "tables").orElse("Operation not permitted");
    return !said.contains("not permitted")
        ? Check.ok("firewall", "nft lists the rules of this host")
        : Check.lacking(true, "firewall", "nft may not list the rules", "run as root");
  }

  private Optional<Check> database() {
    String url = keys.get("db-connection");
    if (url.startsWith("postgres")) {
      return Optional.of(reachable("PostgreSQL", url, 5432, "systemctl start postgresql"));
    }
    if (url.startsWith("scribble://")) {
      return Optional.of(
          directory("database", url.substring("scribble://".length()), "-d scribble:///DIRECTORY"));
    }
    return Optional.of(
        Check.lacking(
            true, "database", "'" + url + "' is no scribble:// or postgres:// URL", "-d URL"));
  }

  private Optional<Check> cluster() {
    String url = keys.get("cluster-connection");
    return url.startsWith("redis")
        ? Optional.of(reachable("Redis", url, 6379, "systemctl start redis-server"))
        : Optional.empty();
  }

  private static Check reachable(String name, String url, int usualPort, String remedy) {
    String place = "?";
    try {
      // Of several hosts, as Sentinel has them, the first stands for all.
      String first = URI.create(url.split(",", 2)[0]).getRawAuthority();
      URI uri = URI.create("tcp://" + first.substring(first.lastIndexOf('@') + 1));
      int port = uri.getPort() < 0 ? usualPort : uri.getPort();
      place = uri.getHost() + ":" + port;
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(uri.getHost(), port), CONNECT_MILLIS);
      }
      return Check.ok(name, "reached at " + place);
    } catch (IOException | IllegalArgumentException | NullPointerException e) {
      return Check.lacking(true, name, "not reached at " + place + ": " + e.getMessage(), remedy);
    }
  }

  /** Whether portal itself answers, whatever it answers. */
  private boolean running() {
    try {
      return new Client(settings).send("GET", "/healthz", null).success();
    } catch (CliException absent) {
      return false;
    }
  }

  private static Check port(String name, String address, boolean running) {
    int colon = address.lastIndexOf(':');
    try {
      String host = address.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
      int port = Integer.parseInt(address.substring(colon + 1));
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(
            host.isEmpty()
                ? new InetSocketAddress(port)
                : new InetSocketAddress(InetAddress.getByName(host), port));
        return Check.ok(name, address + " is free");
      }
    } catch (NumberFormatException e) {
      return Check.lacking(true, name, "'" + address + "' is not address:port", "");
    } catch (IOException e) {
      if (running) {
        return Check.ok(name, address + " is in use, and portal is running");
      }
      boolean denied = String.valueOf(e.getMessage()).contains("denied");
      return Check.lacking(
          true,
          name,
          address + ": " + e.getMessage(),
          denied
              ? "sysctl -w net.ipv4.ip_unprivileged_port_start=80, or run as root"
              : "ss -ltnp 'sport = :" + address.substring(colon + 1) + "' shows who has it");
    }
  }

  /** A directory that is writable, or can be made. */
  private static Check directory(String name, String directory, String flag) {
    Path path = Path.of(directory).toAbsolutePath();
    Path existing = path;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing != null && Files.isDirectory(existing) && Files.isWritable(existing)) {
      return Check.ok(name, existing.equals(path) ? path + " is writable" : path + " can be made");
    }
    return Check.lacking(
        true,
        name,
        path + " is not writable",
        "install -d -o $(id -un) " + path + " as root, or " + flag);
  }
}
