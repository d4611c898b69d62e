package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How commands that do not succeed end, and what they say where. */
class ExitCodeTest {

  @TempDir private Path directory;
  private RecordingApi api;

  @BeforeEach
  void start() throws IOException {
    api = new RecordingApi();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private CommandLine client() {
    return new CommandLine().with("PORTAL_API_PORT", api.port()).with("PORTAL_INSECURE", "true");
  }

  @Test
  void aRefusalIsOneWithTheApisMessage() {
    api.answering("GET /services/x", 404, "{\"error\":\"No Service Found\"}\n");

    CommandLine.Outcome outcome = client().run("show-service", "-I", "x");

    assertThat(outcome)
        .isEqualTo(new CommandLine.Outcome(Exit.REFUSED, "", "portal: No Service Found\n"));
    assertThat(Exit.REFUSED.code()).isEqualTo(1);
  }

  @Test
  void aRefusalWithoutJsonIsShownAsItIs() {
    api.answering("GET /vips", 502, "<html>Bad Gateway</html>");

    assertThat(client().run("show-vips").err())
        .isEqualTo("portal: status 502: <html>Bad Gateway</html>\n");
  }

  @Test
  void aWrongTokenIsFour() {
    api.answering("GET /vips", 401, "{\"error\":\"Unauthorized\"}\n");

    CommandLine.Outcome outcome = client().run("show-vips");

    assertThat(outcome.exit()).isEqualTo(Exit.UNAUTHORISED);
    assertThat(outcome.exit().code()).isEqualTo(4);
    assertThat(outcome.err())
        .isEqualTo("portal: Unauthorized; give it with -t, --api-token-file or PORTAL_API_TOKEN\n");
  }

  @Test
  void nobodyThereIsThree() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    CommandLine.Outcome outcome = new CommandLine().run("show-vips", "-P" + port);

    assertThat(outcome.exit()).isEqualTo(Exit.UNREACHABLE);
    assertThat(outcome.exit().code()).isEqualTo(3);
    assertThat(outcome.err())
        .startsWith("portal: cannot reach portal at 127.0.0.1:" + port)
        .contains("is the daemon running?");
  }

  /** As a daemon without TLS does: what is no request is answered as one that is broken. */
  @Test
  void plainHttpIsNotSpokenUnasked() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> server =
          CompletableFuture.runAsync(
              () -> {
                try (Socket asked = plain.accept()) {
                  asked.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
                  asked.shutdownOutput();
                  asked.getInputStream().readAllBytes();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      CommandLine client = new CommandLine().with("PORTAL_API_PORT", "" + plain.getLocalPort());

      CommandLine.Outcome outcome = client.run("show-vips", "-t", "secret");

      assertThat(outcome.exit()).isEqualTo(Exit.UNREACHABLE);
      assertThat(outcome.err()).contains("no TLS with 127.0.0.1:").contains("give -i");
      server.get(20, TimeUnit.SECONDS);
    }
  }

  /** Also with a server that takes a hello for the start of a request, and waits for the rest. */
  @Test
  void plainHttpIsSpokenWhereThatIsAllowed() throws IOException {
    try (RecordingApi plain = RecordingApi.plain()) {
      CommandLine client = new CommandLine().with("PORTAL_API_PORT", plain.port());

      assertThat(client.run("show-vips", "-t", "secret", "-i").exit()).isEqualTo(Exit.OK);

      assertThat(plain.requests()).containsExactly("GET /vips");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          add-sevice                    | unknown command 'add-sevice', did you mean 'add-service'?
          add-service --service-hos x   | unknown flag of add-service: --service-hos, did you mean '--service-host'?
          add-service -z                | unknown flag of add-service: -z
          add-service -R                | -R needs a value: PORT
          add-service -O 1.1.1.1        | add-service needs --service-host and --service-port, or --json
          add-service -T fwmark         | add-service needs --service-port, which is the mark, or --json
          add-service -O a -R http      | --service-port: 'http' is not a number
          add-service -j {              | --json is not JSON
          add-service -j []             | --json is not a JSON object
          set-services                  | set-services needs --json
          set-services -j {}            | --json is not a JSON array
          set-service -I x              | set-service: say what to change
          show-service                  | show-service needs the service: --service-id
          show-server -I x              | say which server
          show-services extra           | show-services takes no argument, but got 'extra'
          show-services --output csv    | --output: 'csv' is not table, json or yaml
          show-services --insecure=yes  | --insecure is true or false, not 'yes'
          show-services -P 0            | api-port: '0' is not a port (1 to 65535)
          add-cert -C @{absent} -k x    | --cert: cannot read {absent}: there is no such file
          import                        | import: say which file, or - for standard input
          completion                    | completion: say for which shell: bash, zsh or fish
          remove-service -I ''           | -I is empty (an unset variable?); give a value: ID
          remove-service --service-id=''  | --service-id is empty (an unset variable?); give a value: ID
          remove-server -I x -S ''      | -S is empty
          remove-server -I x -o '' -p 1 | -o is empty
          remove-route -d ''            | -d is empty
          add-route --page=''           | --page is empty
          import ''                     | import: an argument is empty
          show-services --output ''     | --output is empty
          add-route                     | add-route needs --target or --page, or --json
          add-route -d a.test           | add-route needs --target or --page, or --json
          remove-route                  | remove-route needs --subdomain, --domain or --path, or --json
          add-cert                      | add-cert needs --cert, or "cert" in --json
          add-cert -C x                 | add-cert needs --key, or "key" in --json
          add-cert -j {"cert":"x"}      | add-cert needs --key, or "key" in --json
          remove-cert                   | remove-cert needs --cert, or "cert" in --json
          add-vip                       | add-vip needs --ip, or "ip" in --json
          add-vip -I 10.0.0.1           | add-vip needs --interface, or "interface" in --json
          remove-vip -F lo              | remove-vip needs --ip, or "ip" in --json
          remove-vip -j {"IP":"","Interface":"lo"} | remove-vip needs --ip, or "ip" in --json
          set-server -I x -S y          | set-server: say what to change
          set-server -I x -o a -p 1     | set-server: say what to change
          add-service -j {"host":"a"}   | add-service needs --service-port, or "port" in --json
          add-server -I x -j {"host":"a"} | add-server needs --server-port, or "port" in --json
          remove-server -I x -S y --drain soon | --drain: 'soon' is not a time such as 500ms, 5s or 1m
          set-services -j services.json | --json: a file is given as @FILE: --json @services.json
          add-cert -C chain.pem -k x    | --cert: a file is given as @FILE: --cert @chain.pem
          show-vips -H 127.0.0.1:8443   | api-host: '127.0.0.1:8443' has a port; give the host alone, and the port with -P 8443
          show-vips -H [::1]:8443       | api-host: '[::1]:8443' has a port
          show-vips -H https://a.test   | api-host: 'https://a.test' is a URL; give the host alone
          list-services                 | unknown command 'list-services', did you mean 'show-services'?
          get-service -I x              | unknown command 'get-service', did you mean 'show-service'?
          delete-server                 | unknown command 'delete-server', did you mean 'remove-server'?
          create-vip                    | unknown command 'create-vip', did you mean 'add-vip'?
          update-server                 | unknown command 'update-server', did you mean 'set-server'?
          show-sevices                  | unknown command 'show-sevices', did you mean 'show-services'?
          services                      | unknown command 'services', did you mean 'show-services'?
          add service -O 1.1.1.1        | unknown command 'add', did you mean 'add-service'?
          service list                  | unknown command 'service', did you mean 'show-services'?
          list cert                     | unknown command 'list', did you mean 'show-certs'?
          version                       | unknown command 'version', did you mean '--version'?
          status                        | unknown command 'status', did you mean 'ready'?
          help add-sevice               | unknown command 'add-sevice', did you mean 'add-service'?
          completion tcsh               | completion: 'tcsh' is not bash, zsh or fish
          """)
  void wrongUsageIsTwo(String words, String message) {
    api.answering("GET /services", 200, "[]");

    String absent = directory.resolve("absent").toString();
    String[] given =
        Stream.of(words(words))
            .map(word -> word.replace("{absent}", absent))
            .toArray(String[]::new);
    CommandLine.Outcome outcome = client().run(given);

    assertThat(outcome.err())
        .startsWith("portal: " + message.replace("{absent}", absent))
        .contains("\nSee: portal ");
    assertThat(outcome.exit()).isEqualTo(Exit.USAGE);
    assertThat(outcome.exit().code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
  }

  /** Split at spaces; {@code ''} is nothing, as in a shell. */
  private static String[] words(String line) {
    return Stream.of(line.split(" ")).map(word -> word.replace("''", "")).toArray(String[]::new);
  }

  @Test
  void helpIsACommandToo() {
    assertThat(client().run("help")).isEqualTo(client().run("--help"));
    assertThat(client().run("help", "add-vip")).isEqualTo(client().run("add-vip", "--help"));
    assertThat(client().run("help", "add-vip").out()).contains("add-vip");
  }
}
