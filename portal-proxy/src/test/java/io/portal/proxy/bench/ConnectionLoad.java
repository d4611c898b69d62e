package io.portal.proxy.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * A new connection for each request, by a few threads with the JDK's sockets.
 *
 * @param handshake how the connection starts
 */
record ConnectionLoad(Handshake handshake) implements Load {

  private static final int CLIENTS = 6;
  private static final int PATIENCE_MILLIS = 10_000;

  /** Starts of a connection. */
  enum Handshake {
    NONE,
    FULL,
    RESUMED
  }

  /** Takes every certificate and counts them: a handshake that resumes shows none. */
  private record Counting(LongAdder seen) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      seen.increment();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Override
  public long[] run(Contender proxy, Duration time) throws Exception {
    LongAdder full = new LongAdder();
    long until = System.nanoTime() + time.toNanos();
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<long[]>> results = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        results.add(clients.submit(() -> client(proxy, until, full)));
      }
      long[] all = new long[0];
      for (Future<long[]> result : results) {
        all = LongStream.concat(LongStream.of(all), LongStream.of(result.get())).toArray();
      }
      check(all.length, full.sum());
      return all;
    } finally {
      clients.shutdownNow();
    }
  }

  private void check(long requests, long full) {
    boolean right =
        switch (handshake) {
          case NONE -> full == 0;
          case FULL -> full == requests;
          // The first of each client cannot resume.
          case RESUMED -> full <= CLIENTS;
        };
    if (!right) {
      throw new IllegalStateException(full + " of " + requests + " handshakes were full ones");
    }
  }

  private long[] client(Contender proxy, long until, LongAdder full) throws Exception {
    LongStream.Builder micros = LongStream.builder();
    SSLSocketFactory tls = tls(full);
    while (System.nanoTime() < until) {
      if (handshake == Handshake.FULL) {
        tls = tls(full);
      }
      String host = Setup.host(ThreadLocalRandom.current().nextInt(proxy.setup().certs()));
      long start = System.nanoTime();
      int port = handshake == Handshake.NONE ? proxy.http() : proxy.tls();
      try (Socket socket = new Socket()) {
        connect(socket, port);
        if (handshake == Handshake.NONE) {
          checkAnswer(ask(socket, host, Setup.path(0)));
        } else {
          try (Socket secured = tls.createSocket(socket, host, port, false)) {
            checkAnswer(ask(secured, host, Setup.path(0)));
          }
        }
      }
      micros.add((System.nanoTime() - start) / 1000);
    }
    return micros.build().toArray();
  }

  /** Asks once for the tiny answer below a path; all that was answered. */
  static String get(int port, String host, String path) throws IOException {
    try (Socket socket = new Socket()) {
      connect(socket, port);
      return ask(socket, host, path);
    }
  }

  private static void connect(Socket socket, int port) throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MILLIS);
  }

  private static String ask(Socket socket, String host, String path) throws IOException {
    String question =
        "GET "
            + path
            + Backend.TINY
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
  }

  private static void checkAnswer(String answer) {
    if (!answer.startsWith("HTTP/1.1 200")) {
      throw new IllegalStateException("answered: " + answer.lines().findFirst().orElse("nothing"));
    }
  }

  /** Each has sessions of its own, so that clients do not take one from another. */
  private static SSLSocketFactory tls(LongAdder full) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, new TrustManager[] {new Counting(full)}, new SecureRandom());
    return context.getSocketFactory();
  }
}
