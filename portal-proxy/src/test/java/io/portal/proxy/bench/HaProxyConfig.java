package io.portal.proxy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configuration of HAProxy: one thread, no logs, connections that stay. */
final class HaProxyConfig {

  /** What portal tells a target and a client, so that all do the same work. */
  private static final String HEADERS =
      """
        option forwardfor
        http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
        http-request set-header X-Forwarded-Host %[req.hdr(host)]
        http-request set-header X-Forwarded-Port %[dst_port]
        http-request add-header Via "1.1 haproxy"
        http-response add-header Via "1.1 haproxy"
      """;

  private HaProxyConfig() {}

  static List<String> write(
      Path directory,
      Setup setup,
      int http,
      int tls,
      int backend,
      Certificates certificates,
      boolean bare)
      throws IOException {
    Path map = directory.resolve("routes.map");
    StringBuilder routes = new StringBuilder();
    for (int host = 0; host < setup.hosts(); host++) {
      for (int path = 0; path < setup.paths(); path++) {
        routes.append(Setup.host(host)).append(Setup.path(path)).append("/ backend\n");
      }
    }
    Files.writeString(map, routes);
    Path crts = directory.resolve("crts");
    StringBuilder list = new StringBuilder();
    for (int cert = 0; cert < setup.certs(); cert++) {
      list.append(certificates.bundle(cert)).append('\n');
    }
    Files.writeString(crts, list);
    Path config = directory.resolve("haproxy.cfg");
    Files.writeString(
        config,
        """
        global
          nbthread 1
          maxconn 4096
        defaults
          mode http
          timeout connect 3s
          timeout client 600s
          timeout server 600s
          timeout http-keep-alive 600s
          http-reuse always
        frontend clients
          bind 127.0.0.1:%d backlog 4096
          bind 127.0.0.1:%d backlog 4096 ssl crt-list %s alpn h2,http/1.1 ssl-min-ver TLSv1.2
        %s
          %s
        backend backend
          server one 127.0.0.1:%d
        """
            .formatted(
                http,
                tls,
                crts,
                bare ? "" : HEADERS,
                setup.routes() == 1
                    ? "default_backend backend"
                    : "use_backend %[base,map_beg(" + map + ",none)]",
                backend));
    return List.of("haproxy", "-db", "-q", "-f", config.toString());
  }
}
