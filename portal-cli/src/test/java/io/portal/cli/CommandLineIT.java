package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The built {@code bin/portal}, each command a process against a daemon that is one too: standard
 * output, standard error and exit code to the letter.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineIT {

  private static final Path LAUNCHER = Path.of("target/portal/bin/portal").toAbsolutePath();

  private static final String SERVICE_NO_SERVERS =
      "{\"id\":\"tcp-127_0_0_77-80\",\"host\":\"127.0.0.77\",\"port\":%PORT%,\"type\":\"tcp\",\"scheduler\":\"%SCHEDULER%\",\"persistence\":%PERSISTENCE%,\"netmask\":\"%NETMASK%\"}\n";
  private static final String SUCCESS = "{\"msg\":\"Success\"}\n";

  @TempDir private static Path directory;
  private static DemoDaemon daemon;
  private static String id;
  private static String port;

  @BeforeAll
  static void start() throws IOException {
    assertThat(LAUNCHER).as("built by the package phase").isExecutable();
    System.setProperty("portal.launcher", LAUNCHER.toString());
    DemoPlaces places = DemoPlaces.free(1);
    daemon = DemoDaemon.start("userspace", places, Map.of());
    daemon.awaitReady();
    port = places.service().substring(places.service().lastIndexOf(':') + 1);
    id = "tcp-127_0_0_77-" + port;
  }

  @AfterAll
  static void stop() {
    System.clearProperty("portal.launcher");
    if (daemon != null) {
      daemon.close();
    }
  }

  private static String service(String scheduler, int persistence, String netmask) {
    return SERVICE_NO_SERVERS
        .replace("tcp-127_0_0_77-80", "%ID%")
        .replace("%SCHEDULER%", scheduler)
        .replace("%PERSISTENCE%", Integer.toString(persistence))
        .replace("%NETMASK%", netmask);
  }

  private static String server(int serverPort, String forwarder, int weight, int upper, int lower) {
    return ("{\"id\":\"127_0_0_78-P\",\"host\":\"127.0.0.78\",\"port\":P,\"forwarder\":\""
            + forwarder
            + "\",\"weight\":"
            + weight
            + ",\"upper_threshold\":"
            + upper
            + ",\"lower_threshold\":"
            + lower
            + "}\n")
        .replace("P", Integer.toString(serverPort));
  }

  private static String list(String... elements) {
    return "[" + String.join(",", Stream.of(elements).map(String::strip).toList()) + "]\n";
  }

  /**
   * In this order, for each builds on those before it. {@code %ID%} and {@code %PORT%} are filled
   * in.
   */
  static Stream<Arguments> table() {
    String plain = service("wlc", 0, "");
    String full = service("rr", 300, "255.255.255.0");
    String route =
        "{\"subdomain\":\"a\",\"domain\":\"b.c\",\"path\":\"/x*\",\"targets\":"
            + "[\"http://127.0.0.1:1/\"],\"fwdpath\":\"/y\",\"page\":\"\"}\n";
    String page =
        "{\"subdomain\":\"\",\"domain\":\"d.e\",\"path\":\"\",\"targets\":null,"
            + "\"fwdpath\":\"\",\"page\":\"hello\"}\n";
    return Stream.of(
        row("show-services", "[]\n"),
        row("add-service --service-host 127.0.0.77 --service-port %PORT%", plain),
        row("add-service -O 127.0.0.77 -R%PORT%", plain),
        refused("show-service -I tcp-1_2_3_4-5", "portal: No Service Found\n"),
        row("show-service --service-id=%ID%", plain),
        row("show-service -O 127.0.0.77 -R %PORT% -T tcp", plain),
        row("show-services", list(plain)),
        row("set-service -I %ID% -s rr -e 300 -n 255.255.255.0", full),
        row(
            "set-service --service-id %ID% --service-scheduler wlc",
            service("wlc", 300, "255.255.255.0")),
        row("set-service -j {\"host\":\"127.0.0.77\",\"port\":%PORT%}", plain),
        row(
            "set-services -j"
                + " [{\"host\":\"127.0.0.77\",\"port\":%PORT%,\"type\":\"tcp\",\"scheduler\":\"rr\"}]",
            list(service("rr", 0, ""))),
        row(
            "add-server -I %ID% -o 127.0.0.78 -p 7001 -f m -w 2 -u 9 -l 3",
            server(7001, "m", 2, 9, 3)),
        row(
            "add-server --service-host 127.0.0.77 --service-port %PORT% --server-host 127.0.0.78"
                + " --server-port=7002 --server-forwarder=m",
            server(7002, "m", 1, 0, 0)),
        row(
            "add-server -I %ID% -j"
                + " {\"host\":\"127.0.0.78\",\"port\":7003,\"forwarder\":\"m\",\"UpperThreshold\":4}",
            server(7003, "m", 1, 4, 0)),
        row("show-server -I %ID% -S 127_0_0_78-7001", server(7001, "m", 2, 9, 3)),
        row("show-server -I %ID% -o 127.0.0.78 -p 7002", server(7002, "m", 1, 0, 0)),
        refused("show-server -I %ID% -S 127_0_0_78-1", "portal: No Server Found\n"),
        row(
            "show-servers --service-id %ID%",
            list(
                server(7001, "m", 2, 9, 3),
                server(7002, "m", 1, 0, 0),
                server(7003, "m", 1, 4, 0))),
        row("remove-server -I %ID% -S 127_0_0_78-7003", SUCCESS),
        row(
            "set-servers -I %ID% -j"
                + " [{\"host\":\"127.0.0.78\",\"port\":7001,\"forwarder\":\"m\",\"weight\":5}]",
            list(server(7001, "m", 5, 0, 0))),
        row("remove-server --service-id %ID% --server-host 127.0.0.78 --server-port 7001", SUCCESS),
        refused(
            "add-service -O 127.0.0.77 -R 81 -T foo",
            "portal: Unsupported Protocol - 'foo': type must be one of tcp, udp, sctp, fwmark\n"),
        row("add-route -s a -d b.c -p /x* --target http://127.0.0.1:1/ --fwdpath /y", route),
        row("add-route --domain d.e --page hello", page),
        row("show-routes", list(route, page)),
        row("remove-route -s a -d b.c -p /x*", SUCCESS),
        row("set-routes -j " + list(route).strip(), list(route)),
        row("remove-route --subdomain a --domain b.c --path /x*", SUCCESS),
        row("set-routes --json []", "[]\n"),
        row("show-certs", "[]\n"),
        row("set-certs -j []", "[]\n"),
        row("show-vips", "[]\n"),
        row("set-vips -j []", "[]\n"),
        row(
            "show-services --output table",
            "SERVICE" + " ".repeat(id.length() - 5) + "SCHEDULER\n%ID%  rr\n"),
        row(
            "import-ipvs --dry-run @rules",
            "+ service tcp-127_0_0_79-80\n" + "1 to add, 0 to change, 0 to remove, 1 the same\n"),
        row("remove-service -I %ID%", SUCCESS),
        row("remove-service -O 127.0.0.77 -R %PORT%", SUCCESS),
        row(
            "remove-service --service-host=127.0.0.77 --service-port=%PORT% --service-type=tcp",
            SUCCESS),
        Arguments.of(
            "show-services -t wrong",
            4,
            "",
            "portal: Unauthorized: wrong or missing X-AUTH-TOKEN; give it with -t or"
                + " PORTAL_API_TOKEN\n"),
        Arguments.of(
            "show-services -P 1",
            3,
            "",
            "portal: cannot reach portal at 127.0.0.1:1: Connection refused; is the daemon running?"
                + " It is started with: portal --server\n"),
        Arguments.of(
            "show-sevices",
            2,
            "",
            "portal: unknown command 'show-sevices', did you mean 'show-services'?\n"
                + "See: portal --help\n"));
  }

  private static Arguments row(String command, String out) {
    return Arguments.of(command, 0, out, "");
  }

  private static Arguments refused(String command, String err) {
    return Arguments.of(command, 1, "", err);
  }

  @Order(1)
  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void saysAndExits(String command, int exit, String out, String err)
      throws IOException, InterruptedException {
    Path rules = directory.resolve("rules");
    Files.writeString(rules, "-A -t 127.0.0.79:80 -s rr\n");

    Result result = portal(filled(command.replace("@rules", rules.toString())).split(" "));

    assertThat(result).isEqualTo(new Result(exit, filled(out), filled(err)));
  }

  private static String filled(String text) {
    return text.replace("%ID%", id).replace("%PORT%", port);
  }

  private record Result(int exit, String out, String err) {}

  private Result portal(String... words) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(Launcher.command(words));
    builder.environment().putAll(daemon.client());
    Path err = directory.resolve("err");
    Process process = builder.redirectError(err.toFile()).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out, Files.readString(err));
  }

  @Test
  @Order(2)
  void aDocumentGoesOutAndComesBack() throws IOException, InterruptedException {
    String added = filled("add-service -O 127.0.0.77 -R %PORT%");
    assertThat(portal(added.split(" ")).exit()).isZero();
    Path document = directory.resolve("document.json");
    Files.writeString(document, portal("export").out());

    assertThat(portal("set-services", "-j", "[]").exit()).isZero();
    assertThat(portal("import", "--dry-run", document.toString()).out())
        .isEqualTo(filled("+ service %ID%\n1 to add, 0 to change, 0 to remove, 0 the same\n"));
    assertThat(portal("import", document.toString()).exit()).isZero();
    assertThat(portal("export").out()).isEqualTo(Files.readString(document));
  }

  @Test
  @Order(3)
  void theDemoEndsWellAndLeavesNothing() throws IOException, InterruptedException {
    List<String> before = demoDirectories();

    Result result = portal("demo", "--balancer", "userspace", "-n", "40");

    assertThat(result.out()).contains("40 requests to http://", "0 failed", "Works.");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(demoDirectories()).isEqualTo(before);
  }

  @Test
  @Order(5)
  void anInterruptedDemoLeavesNothingEither() throws IOException, InterruptedException {
    List<String> before = demoDirectories();
    Process demo =
        new ProcessBuilder(Launcher.command("demo", "--balancer", "userspace", "-n", "1000000"))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith("$ portal add-service")) {
        line = out.readLine();
      }
      List<ProcessHandle> daemons = demo.descendants().toList();
      assertThat(daemons).hasSize(1);

      demo.destroy();

      assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(daemons.get(0).isAlive()).isFalse();
    }
    assertThat(demoDirectories()).isEqualTo(before);
  }

  private static List<String> demoDirectories() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .map(Path::toString)
          .filter(file -> file.contains("portal-demo"))
          .sorted()
          .toList();
    }
  }

  @Test
  @Order(4)
  void theConfigurationIsChecked() throws IOException, InterruptedException {
    Path file = directory.resolve("portal.yaml");
    Files.writeString(file, "api-port: 9443\nbalancer: nginx\n");
    assertThat(portal("config", "check", "-c", file.toString()))
        .isEqualTo(new Result(0, "The configuration is in order.\n", ""));

    Files.writeString(file, "api-prot: 9443\n");
    Result wrong = portal("config", "check", "-c", file.toString());
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err()).startsWith("portal: " + file + ": 'api-prot' is no setting");
  }
}
