package io.portal.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to the API: HTTPS, and plain HTTP only where {@code insecure} allows it and the server
 * speaks nothing else, so that a token is never sent in the clear unasked. Blocks; for one thread.
 */
final class Client {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /**
   * A server without TLS may take a client's hello for the start of a request, and wait for more.
   */
  private static final Duration HELLO_LIMIT = Duration.ofSeconds(3);

  /** A list of 10,000 services is applied before it is answered, in a cluster by every member. */
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(10);

  private final Settings settings;
  private final ConnectRetry retry;
  private @Nullable Trust trust;
  private @Nullable SSLContext tls;
  private boolean plain;

  /** A client that is refused where nobody listens. */
  Client(Settings settings) {
    this(settings, ConnectRetry.within(Duration.ZERO));
  }

  /** A client that tries to connect for as long as that allows. */
  Client(Settings settings, ConnectRetry retry) {
    this.settings = settings;
    this.retry = retry;
    if (settings.certificate() != null) {
      trust(); // a wrong file is told before anybody is asked
    }
  }

  /**
   * Who is trusted. A daemon's own certificate is read when the daemon has been connected to: it
   * makes the certificate before it listens, and at its first start that may be just now.
   */
  private Trust trust() {
    Trust known = trust;
    if (known == null) {
      known = Trust.of(settings);
      trust = known;
    }
    return known;
  }

  /**
   * Sends one request and reads the whole answer, whatever its status.
   *
   * @param path with its leading slash, already encoded
   * @param body JSON; null for none
   * @throws CliException {@link Exit#UNREACHABLE} if there is no answer
   */
  Answer send(String method, String path, @Nullable String body) {
    try (Socket socket = connected()) {
      socket.setSoTimeout((int) ANSWER_LIMIT.toMillis());
      return Http.exchange(socket, settings.authority(), method, path, settings.token(), body);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private Socket connected() throws IOException {
    if (!plain) {
      Socket socket = listening();
      try {
        return shakenHands(socket);
      } catch (SSLException | SocketTimeoutException e) {
        socket.close();
        if (trust().refusedFingerprint() != null) {
          throw notTrusted(e);
        }
        if (!settings.insecure()) {
          throw noTls(e);
        }
        plain = true;
      } catch (IOException | CliException e) {
        socket.close();
        throw e;
      }
    }
    return listening();
  }

  /** A connection, as soon as somebody listens. */
  private Socket listening() throws IOException {
    while (true) {
      try {
        return tcp();
      } catch (ConnectException e) {
        if (!retry.again()) {
          throw e;
        }
      }
    }
  }

  private Socket tcp() throws IOException {
    InetSocketAddress address = new InetSocketAddress(settings.bareHost(), settings.port());
    if (address.isUnresolved()) {
      throw new IOException("there is no host of that name");
    }
    Socket socket = new Socket();
    try {
      socket.connect(address, (int) CONNECT_LIMIT.toMillis());
      socket.setTcpNoDelay(true);
      Duration limit = settings.insecure() ? HELLO_LIMIT : CONNECT_LIMIT;
      socket.setSoTimeout((int) limit.toMillis());
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private Socket shakenHands(Socket socket) throws IOException {
    SSLSocket secure =
        (SSLSocket)
            tls()
                .getSocketFactory()
                .createSocket(socket, settings.bareHost(), settings.port(), true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // Trust sees to the name
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return secure;
  }

  private SSLContext tls() {
    SSLContext context = tls;
    if (context == null) {
      try {
        context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust()}, null);
      } catch (GeneralSecurityException e) {
        throw new CliException(Exit.UNREACHABLE, "this JVM offers no TLS: " + e.getMessage(), e);
      }
      tls = context;
    }
    return context;
  }

  private CliException unreachable(IOException e) {
    String why = String.valueOf(e.getMessage());
    if (e instanceof ConnectException && !(e instanceof NoRouteToHostException)) {
      why +=
          "; is the daemon running? It is started with: portal --server"
              + " (while it starts, --wait 10s waits for it)";
    } else if (e instanceof SocketTimeoutException) {
      why = "no answer in time";
    }
    return new CliException(
        Exit.UNREACHABLE, "cannot reach portal at " + settings.authority() + ": " + why, e);
  }

  private CliException noTls(IOException e) {
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
    return new CliException(
        Exit.UNREACHABLE,
        "the certificate of "
            + settings.authority()
            + " is not trusted (SHA-256 "
            + trust().refusedFingerprint()
            + ").\nOn the daemon's host it is found in its work directory, "
            + settings.workDir().resolve(Trust.OWN_CERTIFICATE)
            + " (-w);\nelsewhere give a copy with -C FILE, or -i to do without checking.",
        e);
  }
}
