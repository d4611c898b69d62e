package io.portal.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A self-signed certificate for {@code portal.local}, made once by the JDK's keytool. */
final class TestTls {

  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final KeyStore KEYS = keys();

  private TestTls() {}

  static SSLContext context() {
    try {
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(KEYS, PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As PEM. */
  static String certificate() {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder().encodeToString(KEYS.getCertificate("portal").getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore keys() {
    try {
      Path directory = Files.createTempDirectory("portal-test");
      Path file = directory.resolve("store");
      try {
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options =
            "-genkeypair -alias portal -keyalg EC -dname CN=portal.local -ext SAN=DNS:localhost"
                + " -storetype PKCS12 -storepass changeit -keystore "
                + file;
        String[] command = (tool + " " + options).split(" ");
        Process process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        process.waitFor();
        return KeyStore.getInstance(file.toFile(), PASSWORD);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
