package io.portal.proxy.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Requests on connections that stay, sent by h2load.
 *
 * @param protocol of the connections
 * @param connections at once
 * @param streams requests at once on each connection
 * @param answer which of the {@link Backend}'s answers is asked for
 */
record H2Load(Protocol protocol, int connections, int streams, String answer) implements Load {

  private static final Pattern CODES = Pattern.compile("status codes: (\\d+) 2xx");
  private static final Pattern FAILED = Pattern.compile("(\\d+) failed, \\d+ errored");
  private static final int URIS = 1000;
  private static final int SEED = 7;

  /** What is spoken. */
  enum Protocol {
    HTTP_1("http", "--h1"),
    TLS_1("https", "--h1"),
    TLS_2("https", "--npn-list=h2");

    private final String scheme;
    private final String option;

    Protocol(String scheme, String option) {
      this.scheme = scheme;
      this.option = option;
    }
  }

  @Override
  public long[] run(Contender proxy, Duration time) throws Exception {
    Path log = Files.createTempFile("portal-bench", ".log");
    Path uris = Files.createTempFile("portal-bench", ".uris");
    try {
      Files.write(uris, uris(proxy.setup()));
      Files.delete(log);
      int port = protocol == Protocol.HTTP_1 ? proxy.http() : proxy.tls();
      Process process =
          new ProcessBuilder(
                  "h2load",
                  protocol.option,
                  "--connect-to=127.0.0.1:" + port,
                  // One cipher for all: which one is taken by default differs between the proxies.
                  "--tls13-ciphers=TLS_AES_128_GCM_SHA256",
                  "-c" + connections,
                  "-m" + streams,
                  "-D" + time.toMillis() + "ms",
                  "--log-file=" + log,
                  "-i" + uris)
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException("h2load: " + said);
      }
      List<String> lines = Files.readAllLines(log);
      Matcher codes = CODES.matcher(said);
      Matcher failed = FAILED.matcher(said);
      if (!codes.find()
          || !failed.find()
          || Long.parseLong(codes.group(1)) < lines.size()
          || !failed.group(1).equals("0")
          || lines.isEmpty()) {
        throw new IllegalStateException(
            "not every request was answered; h2load said: "
                + said.lines()
                    .filter(line -> line.startsWith("requests:") || line.startsWith("status"))
                    .collect(Collectors.joining("; ")));
      }
      return lines.stream()
          .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf('\t') + 1)))
          .toArray();
    } finally {
      Files.deleteIfExists(log);
      Files.deleteIfExists(uris);
    }
  }

  /** All on one host, as h2load must; its paths in an order without order, the same every time. */
  private List<String> uris(Setup setup) {
    Random random = new Random(SEED);
    List<String> uris = new ArrayList<>();
    for (int i = 0; i < URIS; i++) {
      uris.add(
          protocol.scheme
              + "://"
              + Setup.host(setup.hosts() / 2)
              + Setup.path(random.nextInt(setup.paths()))
              + answer);
    }
    return uris;
  }
}
