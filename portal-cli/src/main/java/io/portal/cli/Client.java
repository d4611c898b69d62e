package io.portal.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the API: HTTPS, and plain HTTP only where {@code insecure} allows it and the server
 * speaks nothing else, so that a token is never sent in the clear unasked.
 *
 * <p>On the JDK's oldest HTTP client, for it starts fastest. Blocks; for one thread.
 */
final class Client {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /** A list of 10,000 services is applied before it is answered, in a cluster by every member. */
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(10);

  static {
    // Left to itself that client sends a POST again, unasked, when the connection breaks.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private final Settings settings;
  private final Trust trust;
  private @Nullable SSLContext tls;
  private boolean plain;

  Client(Settings settings) {
    this.settings = settings;
    this.trust = Trust.of(settings);
  }

  /**
   * Sends one request and reads the whole answer, whatever its status.
   *
   * @param path with its leading slash, already encoded
   * @param body JSON; null for none
   * @throws CliException {@link Exit#UNREACHABLE} if there is no answer
   */
  Answer send(String method, String path, @Nullable String body) {
    HttpURLConnection connection = plain ? null : connectTls(method, path, body != null);
    if (connection == null) {
      plain = true;
      connection = open("http", method, path, body != null);
    }
    try {
      return exchange(connection, body);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /** Connected and shaken hands; null if the server does not speak TLS and that is allowed. */
  private @Nullable HttpURLConnection connectTls(String method, String path, boolean withBody) {
    HttpsURLConnection connection =
        (HttpsURLConnection) open("https", method, path, withBody);
    connection.setSSLSocketFactory(tls().getSocketFactory());
    connection.setHostnameVerifier((host, session) -> trust.byName(session));
    try {
      connection.connect();
      return connection;
    } catch (SSLException e) {
      if (settings.insecure()) {
        return null;
      }
      throw trust.refusedFingerprint() == null ? noTls(e) : notTrusted(e);
    } catch (IOException e) {
      boolean wrongName = String.valueOf(e.getMessage()).startsWith("HTTPS hostname wrong");
      throw wrongName ? notTrusted(e) : unreachable(e);
    }
  }

  private HttpURLConnection open(String scheme, String method, String path, boolean withBody) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create(scheme + "://" + settings.authority() + path).toURL().openConnection();
      connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
      connection.setReadTimeout((int) ANSWER_LIMIT.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestMethod(method);
      connection.setRequestProperty("Accept", "application/json");
      connection.setRequestProperty("User-Agent", "portal");
      if (!settings.token().isEmpty()) {
        connection.setRequestProperty("X-AUTH-TOKEN", settings.token());
      }
      if (withBody) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
      }
      return connection;
    } catch (IOException | IllegalArgumentException e) {
      throw new CliException(
          Exit.USAGE, "api-host: '" + settings.host() + "' is no address or name of a host", e);
    }
  }

  private Answer exchange(HttpURLConnection connection, @Nullable String body) throws IOException {
    if (body != null) {
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body.getBytes(StandardCharsets.UTF_8));
      }
    }
    int status = connection.getResponseCode();
    if (status < 0) {
      throw new IOException("the answer is not HTTP");
    }
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      byte[] answer = in == null ? new byte[0] : in.readAllBytes();
      return new Answer(status, new String(answer, StandardCharsets.UTF_8));
    }
  }

  private SSLContext tls() {
    SSLContext context = tls;
    if (context == null) {
      try {
        context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust}, null);
      } catch (GeneralSecurityException e) {
        throw new CliException(Exit.UNREACHABLE, "this JVM offers no TLS: " + e.getMessage(), e);
      }
      tls = context;
    }
    return context;
  }

  private CliException unreachable(IOException e) {
    String why;
    if (e instanceof ConnectException) {
      why = e.getMessage() + "; is the daemon running? It is started with: portal --server";
    } else if (e instanceof UnknownHostException) {
      why = "there is no host of that name";
    } else if (e instanceof SocketTimeoutException) {
      why = "no answer in time";
    } else {
      why = String.valueOf(e.getMessage());
    }
    return new CliException(
        Exit.UNREACHABLE, "cannot reach portal at " + settings.authority() + ": " + why, e);
  }

  private CliException noTls(SSLException e) {
    return new CliException(
        Exit.UNREACHABLE,
        "no TLS with "
            + settings.authority()
            + ": "
            + e.getMessage()
            + "; if the daemon runs with --insecure, give -i here as well",
        e);
  }

  private CliException notTrusted(IOException e) {
    String fingerprint = trust.refusedFingerprint();
    return new CliException(
        Exit.UNREACHABLE,
        "the certificate of "
            + settings.authority()
            + " is not trusted"
            + (fingerprint == null ? ", it is for another name" : " (SHA-256 " + fingerprint + ")")
            + ".\nOn the daemon's host it is found in its work directory, "
            + settings.workDir().resolve(Trust.OWN_CERTIFICATE)
            + " (-w);\nelsewhere give a copy with -C FILE, or -i to do without checking.",
        e);
  }
}
