package io.portal.api;

import io.netty.handler.ssl.SslContext;
import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import io.portal.core.model.Addresses;
import io.portal.proxy.tls.Pem;
import io.portal.proxy.tls.SelfSigned;
import io.portal.proxy.tls.ServerCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The API's certificate: what {@code api-cert} and {@code api-key} name, else one of its own making
 * that is kept in the work directory, where a client on the same host finds it.
 */
final class ApiCertificate {

  private static final String CERT_FILE = "api-cert.pem";
  private static final String KEY_FILE = "api-key.pem";

  private ApiCertificate() {}

  /**
   * The TLS that the API speaks.
   *
   * @throws ConfigException if certificate or key cannot be read, or do not belong together
   */
  static SslContext context(Config config) {
    String cert = config.get(Setting.API_CERT);
    String key = config.get(Setting.API_KEY);
    if (cert.isEmpty() != key.isEmpty()) {
      throw new ConfigException("api-cert and api-key: give both or none");
    }
    return cert.isEmpty()
        ? own(config)
        : load(Path.of(cert), Path.of(key), config.get(Setting.API_KEY_PASSWORD));
  }

  /**
   * Checks the certificate that the settings name; makes and keeps nothing.
   *
   * @throws ConfigException as {@link #context}
   */
  static void check(Config config) {
    if (!config.get(Setting.API_CERT).isEmpty() || !config.get(Setting.API_KEY).isEmpty()) {
      context(config);
    }
  }

  private static SslContext own(Config config) {
    Path directory = config.path(Setting.WORK_DIR);
    Path cert = directory.resolve(CERT_FILE);
    Path key = directory.resolve(KEY_FILE);
    if (!Files.exists(cert) || !Files.exists(key)) {
      try {
        Files.createDirectories(directory);
        SelfSigned made = SelfSigned.create(Instant.now(), names(config.api().getAddress()));
        write(key, Pem.text(made.key()), "rw-------");
        write(cert, Pem.text(made.certificate()), "rw-r--r--");
      } catch (IOException | GeneralSecurityException e) {
        throw new ConfigException("work-dir " + directory + ": no certificate can be kept: " + e);
      }
    }
    return load(cert, key, "");
  }

  private static List<String> names(InetAddress listen) {
    List<String> names = new ArrayList<>(List.of("portal.local", "localhost", "127.0.0.1", "::1"));
    if (!listen.isAnyLocalAddress() && !listen.isLoopbackAddress()) {
      names.add(Addresses.text(listen));
    }
    return names;
  }

  private static SslContext load(Path cert, Path key, String password) {
    try {
      return ServerCertificate.plainContext(
          Pem.privateKey(Files.readString(key), password),
          Pem.certificates(Files.readString(cert)));
    } catch (NoSuchFileException e) {
      throw new ConfigException("api-cert, api-key: there is no file " + e.getFile());
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException("api-cert " + cert + ", api-key " + key + ": " + e.getMessage());
    }
  }

  private static void write(Path file, String text, String permissions) throws IOException {
    Path aside =
        Files.createTempFile(
            file.toAbsolutePath().getParent(),
            ".portal",
            ".pem",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(aside, text);
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
