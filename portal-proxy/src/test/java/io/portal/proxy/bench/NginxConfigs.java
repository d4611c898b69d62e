package io.portal.proxy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configurations of nginx: one worker, no logs, connections that stay. */
final class NginxConfigs {

  /** What portal tells a target and a client, so that all do the same work. */
  private static final String HEADERS =
      """
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header Via "1.1 nginx";
      add_header Via "1.1 nginx";
      """;

  private NginxConfigs() {}

  /** Writes the configuration of the server behind the proxies. */
  static List<String> backend(Path directory, int port) throws IOException {
    return write(
        directory,
        """
        server {
          listen 127.0.0.1:%1$d backlog=4096;
          location / { return 200 "ok\\n"; }
          location = /p000/100k { alias %2$s/100k; }
          location = /p000/1m { alias %2$s/1m; }
        }
        """
            .formatted(port, directory));
  }

  /** Writes the configuration of a proxy. */
  static List<String> proxy(
      Path directory,
      Setup setup,
      int http,
      int tls,
      int backend,
      Certificates certificates,
      boolean bare)
      throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            upstream backend { server 127.0.0.1:%d; keepalive 128; keepalive_requests 1000000000; }
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Connection "";
            proxy_max_temp_file_size 0;
            ssl_session_cache shared:sessions:10m;
            ssl_protocols TLSv1.2 TLSv1.3;
            server_names_hash_max_size 65536;
            server_names_hash_bucket_size 128;
            %s
            """
                .formatted(backend, bare ? "" : HEADERS));
    int servers = Math.max(setup.hosts(), setup.certs());
    for (int host = 0; host < servers; host++) {
      text.append("server {\n  listen 127.0.0.1:").append(http);
      text.append(host == 0 ? " backlog=4096" : "").append(";\n  listen 127.0.0.1:").append(tls);
      text.append(" ssl http2").append(host == 0 ? " backlog=4096" : "").append(";\n");
      text.append("  server_name ").append(Setup.host(host)).append(";\n");
      int cert = host % setup.certs();
      text.append("  ssl_certificate ").append(certificates.chain(cert)).append(";\n");
      text.append("  ssl_certificate_key ").append(certificates.key()).append(";\n");
      for (int path = 0; path < setup.paths(); path++) {
        text.append("  location ").append(Setup.path(path));
        text.append("/ { proxy_pass http://backend; }\n");
      }
      text.append("}\n");
    }
    return write(directory, text.toString());
  }

  /** Writes a configuration with these servers; returns the command that starts it. */
  static List<String> write(Path directory, String servers) throws IOException {
    Path config = directory.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        %s
        daemon off;
        worker_processes 1;
        worker_rlimit_nofile 16384;
        pid %2$s/pid;
        error_log stderr crit;
        events { worker_connections 8192; }
        http {
        access_log off;
        default_type text/plain;
        sendfile on;
        tcp_nopush on;
        keepalive_requests 1000000000;
        keepalive_timeout 600;
        open_file_cache max=16;
        client_body_temp_path %2$s/body;
        proxy_temp_path %2$s/proxy;
        fastcgi_temp_path %2$s/fastcgi;
        uwsgi_temp_path %2$s/uwsgi;
        scgi_temp_path %2$s/scgi;
        %3$s
        }
        """
            .formatted(
                System.getProperty("user.name").equals("root") ? "user root;" : "",
                directory,
                servers));
    return List.of("nginx", "-c", config.toString(), "-p", directory.toString(), "-e", "stderr");
  }
}
