package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command, in long, short and JSON form: which request it makes. */
class CommandRequestsTest {

  private static final String SERVICE =
      "{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"udp\",\"scheduler\":\"rr\",\"persistence\":300,"
          + "\"netmask\":\"255.255.255.0\"}";
  private static final String PLAIN_SERVICE =
      "{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\",\"scheduler\":\"wlc\",\"persistence\":0,"
          + "\"netmask\":\"\"}";
  private static final String SERVER =
      "{\"host\":\"10.0.0.2\",\"port\":8080,\"forwarder\":\"m\",\"weight\":5,\"upper_threshold\":9,"
          + "\"lower_threshold\":3}";
  private static final String ROUTE =
      "{\"subdomain\":\"a\",\"domain\":\"b.c\",\"path\":\"/x*\",\"targets\":[\"http://1.1.1.1\","
          + "\"http://2.2.2.2\"],\"fwdpath\":\"/y\",\"page\":\"hello\"}";
  private static final String VIP =
      "{\"ip\":\"10.0.0.5/24\",\"interface\":\"eth0\",\"alias\":\"eth0:1\"}";

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

  static Stream<Arguments> commands() {
    return Stream.of(
            row(
                "POST /services " + SERVICE,
                "add-service --service-host 10.0.0.1 --service-port=80 --service-type udp"
                    + " --service-scheduler=rr --service-persistence 300 --service-netmask"
                    + " 255.255.255.0",
                "add-service -O 10.0.0.1 -R80 -T udp -srr -e=300 -n 255.255.255.0"),
            row("POST /services " + PLAIN_SERVICE, "add-service -O 10.0.0.1 -R 80"),
            row(
                "POST /services"
                    + " {\"host\":\"10.0.0.1\",\"port\":53,\"type\":\"udp\",\"scheduler\":\"mh\","
                    + "\"persistence\":60,\"netmask\":\"\",\"flags\":[\"ops\",\"mh-port\"],"
                    + "\"pe\":\"sip\"}",
                "add-service -O 10.0.0.1 -R 53 -T udp -s mh -e 60 --service-flags ops,mh-port"
                    + " --service-pe=sip"),
            row(
                "POST /services/x/servers {\"host\":\"10.0.0.2\",\"port\":53,\"forwarder\":\"i\","
                    + "\"weight\":1,\"tunnel\":{\"type\":\"gue\",\"port\":6080,"
                    + "\"checksum\":\"remcsum\"}}",
                "add-server -I x -o 10.0.0.2 -p 53 -f i --server-tunnel gue:6080,remcsum"),
            row(
                "POST /services?strict=true"
                    + " {\"scheduler\":\"wlc\",\"persistence\":0,\"netmask\":\"\","
                    + "\"Host\":\"10.0.0.1\",\"port\":53,\"Type\":\"udp\"}",
                "add-service -j {\"Host\":\"10.0.0.1\",\"port\":53,\"Type\":\"udp\"}"),
            row(
                "POST /services"
                    + " {\"host\":\"\",\"port\":7,\"type\":\"fwmark\",\"scheduler\":\"wlc\","
                    + "\"persistence\":0,\"netmask\":\"\"}",
                "add-service -T fwmark -R 7"),
            row(
                "DELETE /services/udp-10_0_0_1-53",
                "remove-service --service-id udp-10_0_0_1-53",
                "remove-service -I udp-10_0_0_1-53",
                "remove-service -O 10.0.0.1 -R 53 -T udp",
                "remove-service --service-host=10.0.0.1 --service-port=53 --service-type=udp"),
            row(
                "GET /services/tcp-10_0_0_1-80",
                "show-service -I tcp-10_0_0_1-80",
                "show-service -O 10.0.0.1 -R 80"),
            row("GET /services/tcp-2001:db8::3-80", "show-service -O 2001:DB8:0:0::3 -R 80"),
            row("GET /services", "show-services"),
            row("PUT /services?strict=true [" + SERVICE + "]", "set-services -j [" + SERVICE + "]"),
            row(
                "PUT /services/tcp-10_0_0_1-80?strict=true"
                    + " {\"type\":\"tcp\",\"scheduler\":\"wlc\",\"persistence\":0,"
                    + "\"netmask\":\"\",\"host\":\"10.0.0.1\",\"port\":80}",
                "set-service -j {\"host\":\"10.0.0.1\",\"port\":80}"),
            row(
                "POST /services/tcp-10_0_0_1-80/servers " + SERVER,
                "add-server --service-id tcp-10_0_0_1-80 --server-host 10.0.0.2 --server-port 8080"
                    + " --server-forwarder m --server-weight 5 --server-upper-threshold 9"
                    + " --server-lower-threshold 3",
                "add-server -O 10.0.0.1 -R 80 -o 10.0.0.2 -p 8080 -fm -w5 -u 9 -l 3"),
            row(
                "POST /services/x/servers?strict=true"
                    + " {\"forwarder\":\"g\",\"weight\":1,\"host\":\"10.0.0.2\","
                    + "\"port\":80,\"UpperThreshold\":4}",
                "add-server -I x -j {\"host\":\"10.0.0.2\",\"port\":80,\"UpperThreshold\":4}"),
            row(
                "DELETE /services/x/servers/10_0_0_2-80",
                "remove-server -I x -S 10_0_0_2-80",
                "remove-server --service-id x --server-host 10.0.0.2 --server-port 80",
                "remove-server -I x -o 10.0.0.2 -p 80"),
            row(
                "GET /services/tcp-10_0_0_1-80/servers/10_0_0_1-81",
                "show-server -O 10.0.0.1 -R 80 -o 127.0.0.1 -p 81",
                "show-server -O 10.0.0.1 -R 80 -p 81"),
            row(
                "DELETE /services/x/servers/10_0_0_2-80?drain=30s",
                "remove-server -I x -S 10_0_0_2-80 --drain 30s"),
            row("DELETE /services/x?drain=5m", "remove-service -I x --drain=5m"),
            row(
                "DELETE /services/tcp-10_0_0_1-80/servers/10_0_0_1-81",
                "remove-server -I tcp-10_0_0_1-80 -o 127.0.0.1 -p 81",
                "remove-server -O 10.0.0.1 -R 80 -o 127.0.0.1 -p 81"),
            row(
                "PATCH /services/x/servers/10_0_0_2-80 {\"weight\":9}",
                "set-server -I x -S 10_0_0_2-80 -w 9",
                "set-server -I x -o 10.0.0.2 -p 80 --server-weight=9"),
            row(
                "PATCH /services/x/servers/10_0_0_2-80 {\"host\":\"10.0.0.3\",\"port\":81,"
                    + "\"forwarder\":\"m\",\"upper_threshold\":9,\"lower_threshold\":3}",
                "set-server -I x -S 10_0_0_2-80 -o 10.0.0.3 -p 81 -f m -u 9 -l 3"),
            row(
                "PUT /services/x/servers/10_0_0_2-80?strict=true {\"forwarder\":\"g\",\"weight\":4,"
                    + "\"host\":\"10.0.0.2\",\"port\":80}",
                "set-server -I x -w 4 -j {\"host\":\"10.0.0.2\",\"port\":80}"),
            row(
                "PATCH /services/tcp-10_0_0_1-80 {\"host\":\"10.0.0.2\",\"netmask\":\"\","
                    + "\"interface\":null}",
                "set-service -I tcp-10_0_0_1-80 -O 10.0.0.2 --service-netmask="),
            row("GET /services/x/servers", "show-servers -I x"),
            row(
                "PUT /services/x/servers?strict=true [" + SERVER + "]",
                "set-servers -I x -j [" + SERVER + "]"),
            row(
                "POST /routes " + ROUTE,
                "add-route --subdomain a --domain b.c --path /x* --target http://1.1.1.1"
                    + " --target=http://2.2.2.2 --fwdpath /y --page hello",
                "add-route -s a -d b.c -p /x* --target http://1.1.1.1 --target http://2.2.2.2"
                    + " --fwdpath /y --page hello"),
            row(
                "DELETE /routes {\"subdomain\":\"a\",\"domain\":\"b.c\",\"path\":\"/x*\"}",
                "remove-route --subdomain a --domain b.c --path /x*",
                "remove-route -s a -d b.c -p /x*"),
            row(
                "DELETE /routes?strict=true"
                    + " {\"subdomain\":\"a\",\"domain\":\"b.c\",\"path\":\"/x*\"}",
                "remove-route -j {\"subdomain\":\"a\",\"domain\":\"b.c\",\"path\":\"/x*\"}"),
            row(
                "POST /routes {\"subdomain\":\"\",\"domain\":\"b.c\",\"path\":\"\","
                    + "\"targets\":[\"http://1.1.1.1\"],\"fwdpath\":\"\",\"page\":\"\","
                    + "\"endpoint\":\"/alive\",\"expected_code\":204,\"expected_body\":\"ok\","
                    + "\"expected_header\":\"x:y\",\"host\":\"h\",\"timeout\":500,\"attempts\":2}",
                "add-route -d b.c --target http://1.1.1.1 --endpoint /alive --expected-code 204"
                    + " --expected-body ok --expected-header x:y --host h --timeout 500ms"
                    + " --attempts 2"),
            row("GET /routes", "show-routes"),
            row("PUT /routes?strict=true []", "set-routes -j []"),
            row(
                "POST /certs {\"cert\":\"C\",\"key\":\"K\"}",
                "add-cert --cert C --key K",
                "add-cert -C C -kK"),
            row("DELETE /certs {\"cert\":\"C\",\"key\":\"\"}", "remove-cert -C C"),
            row("GET /certs", "show-certs"),
            row("PUT /certs?strict=true []", "set-certs --json=[]"),
            row(
                "POST /vips " + VIP,
                "add-vip --ip 10.0.0.5/24 --interface eth0 --alias eth0:1",
                "add-vip -I 10.0.0.5/24 -F eth0 -A eth0:1"),
            row("POST /vips?strict=true " + VIP, "add-vip -j " + VIP),
            row("DELETE /vips " + VIP, "remove-vip -I 10.0.0.5/24 -F eth0 -A eth0:1"),
            row("GET /vips", "show-vips"),
            row("PUT /vips?strict=true [" + VIP + "]", "set-vips -j [" + VIP + "]"),
            row("GET /errors", "show-errors"),
            row("PUT /errors {\"no-routes\":\"a\"}", "set-errors --no-routes a"),
            row(
                "PUT /errors {\"no-routes\":\"a\",\"no-healthy\":\"b\"}",
                "set-errors --no-routes a --no-healthy b"),
            row(
                "PUT /errors?strict=true {\"no-routes\":\"a\"}",
                "set-errors -j {\"no-routes\":\"a\"}"),
            row("POST /errors {\"no-routes\":\"\",\"no-healthy\":\"\"}", "remove-errors"),
            row("GET /readyz", "ready"),
            row("GET /stats", "show-stats"),
            row(
                "GET /services/tcp-10_0_0_1-80/stats",
                "show-stats -I tcp-10_0_0_1-80",
                "show-stats -O 10.0.0.1 -R 80"),
            row("POST /sync", "sync"),
            row("GET /sync", "sync --from-kernel"),
            row("GET /log-level", "show-log-level"),
            row("PUT /log-level {\"level\":\"debug\"}", "set-log-level debug"),
            row("GET /cluster", "show-cluster"))
        .flatMap(rows -> rows);
  }

  private static Stream<Arguments> row(String request, String... commands) {
    return Stream.of(commands).map(command -> Arguments.of(command, request));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void makesTheRequest(String command, String request) {
    CommandLine.Outcome outcome = run(command.split(" "));

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exit()).isEqualTo(Exit.OK);
    assertThat(outcome.out()).isEqualTo("{\"msg\":\"Success\"}\n");
    assertThat(api.requests()).containsExactly(request);
  }

  private CommandLine.Outcome run(String... words) {
    return client().run(words);
  }

  private CommandLine client() {
    return new CommandLine()
        .with("PORTAL_API_PORT", api.port())
        .with("PORTAL_INSECURE", "true")
        .with("PORTAL_WORK_DIR", directory.toString());
  }

  @Test
  void anOlderDaemonIsAskedForTheServiceFirst() {
    api.answering("PATCH /services/tcp-10_0_0_1-80", 405, "{\"error\":\"Method Not Allowed\"}");
    api.answering(
        "GET /services/tcp-10_0_0_1-80",
        200,
        "{\"id\":\"tcp-10_0_0_1-80\",\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\",\"scheduler\":\"rr\",\"persistence\":60,\"netmask\":\"\",\"servers\":[{\"host\":\"10.0.0.2\"}]}\n");

    assertThat(run("set-service", "-I", "tcp-10_0_0_1-80", "-s", "sh").exit()).isEqualTo(Exit.OK);
    assertThat(api.requests())
        .last()
        .isEqualTo(
            "PUT /services/tcp-10_0_0_1-80 {\"id\":\"tcp-10_0_0_1-80\",\"host\":\"10.0.0.1\","
                + "\"port\":80,\"type\":\"tcp\",\"scheduler\":\"sh\",\"persistence\":60,"
                + "\"netmask\":\"\",\"servers\":[{\"host\":\"10.0.0.2\"}]}");
  }

  @Test
  void aPageCanBeAFile() throws IOException {
    Path page = Files.writeString(directory.resolve("page.html"), "<p>");

    assertThat(run("add-route", "-d", "a.test", "--page", "@" + page).exit()).isEqualTo(Exit.OK);
    assertThat(api.requests()).last().asString().endsWith("\"page\":\"<p>\"}");
    assertThat(run("set-errors", "--no-routes", "@" + page).exit()).isEqualTo(Exit.OK);
    assertThat(api.requests()).last().isEqualTo("PUT /errors {\"no-routes\":\"<p>\"}");
  }

  @Test
  void aDaemonThatIsNotReadySaysWhyOnStandardOutput() {
    api.answering("GET /readyz", 503, "{\"ready\":false}\n");

    assertThat(run("ready"))
        .isEqualTo(new CommandLine.Outcome(Exit.REFUSED, "{\"ready\":false}\n", ""));
  }

  @Test
  void aFieldThatIsNotKnownIsRefusedWhereItIsTyped() {
    api.answering("POST /services?strict=true", 400, "{\"error\":\"Invalid field - 'schedular'\"}");
    String json = "{\"host\":\"10.0.0.1\",\"port\":80,\"schedular\":\"rr\"}";

    CommandLine.Outcome typed = run("add-service", "-j", json);
    assertThat(typed)
        .isEqualTo(
            new CommandLine.Outcome(Exit.REFUSED, "", "portal: Invalid field - 'schedular'\n"));
    assertThat(run("add-service", "--strict=false", "-j", json).exit()).isEqualTo(Exit.OK);
    assertThat(api.requests()).last().asString().startsWith("POST /services {");
  }

  @Test
  void inADocumentItIsAWarning() {
    api.answering("PUT /services?strict=true", 400, "{\"error\":\"Invalid field - 'schedular'\"}");

    CommandLine.Outcome outcome = client().input("[{}]").run("set-services", "-j", "-");
    assertThat(outcome)
        .isEqualTo(
            new CommandLine.Outcome(
                Exit.OK,
                "{\"msg\":\"Success\"}\n",
                "portal: warning: Invalid field - 'schedular'; it is left out\n"));
    assertThat(api.requests())
        .containsExactly("PUT /services?strict=true [{}]", "PUT /services [{}]");
    assertThat(client().input("[{}]").run("set-services", "--strict", "-j", "-").exit())
        .isEqualTo(Exit.REFUSED);
  }

  @Test
  void whatWasThereAlreadyIsToldWhereItIsNotAsAskedFor() {
    api.answering(
        "POST /services/x/servers",
        200,
        "{\"id\":\"10_0_0_2-80\",\"host\":\"10.0.0.2\",\"port\":80,\"forwarder\":\"g\",\"weight\":1}\n");

    assertThat(run("add-server", "-I", "x", "-o", "10.0.0.2", "-p", "80", "-w", "9").err())
        .isEqualTo(
            "portal: warning: it is there already and stays as it is: weight is 1, not 9;"
                + " change it with set-server\n");
    assertThat(run("add-server", "-I", "x", "-o", "10.0.0.2", "-p", "80").err()).isEmpty();
  }

  @Test
  void aServiceIsFoundByItsInterface() {
    api.answering(
        "GET /services",
        200,
        "[{\"id\":\"tcp-10_0_0_9-80\",\"host\":\"10.0.0.9\",\"interface\":\"eth0\",\"port\":80,"
            + "\"type\":\"tcp\",\"scheduler\":\"rr\"}]\n");

    assertThat(run("show-service", "-F", "eth0", "-R", "80").exit()).isEqualTo(Exit.OK);
    assertThat(api.requests()).last().isEqualTo("GET /services/tcp-10_0_0_9-80");
    assertThat(run("remove-service", "-F", "eth1", "-R", "80").exit()).isEqualTo(Exit.OK);
    assertThat(api.requests()).last().isEqualTo("DELETE /services/tcp--80"); // nothing has that id
  }

  @Test
  void jsonComesFromStandardInputAndFiles() throws IOException {
    Path file = Files.writeString(directory.resolve("list"), "[ ]");

    assertThat(client().input("[{\"a\":1}]").run("set-services", "-j", "-").exit())
        .isEqualTo(Exit.OK);
    assertThat(run("set-vips", "-j", "@" + file).exit()).isEqualTo(Exit.OK);
    assertThat(run("add-cert", "-C", "@" + file, "-k", "K").exit()).isEqualTo(Exit.OK);
    assertThat(api.requests())
        .containsExactly(
            "PUT /services?strict=true [{\"a\":1}]",
            "PUT /vips?strict=true [ ]",
            "POST /certs {\"cert\":\"[ ]\",\"key\":\"K\"}");
  }

  @Test
  void moreThanAThousandThingsShowProgress() {
    String list = "[" + "{},".repeat(1000) + "{}]";

    CommandLine.Outcome outcome = client().input(list).run("set-services", "-j", "-");

    assertThat(outcome.out()).isEqualTo("{\"msg\":\"Success\"}\n");
    assertThat(outcome.err()).startsWith("applying 1001 services\napplied 1001 services in ");
  }

  @Test
  void importSendsWhatTheDocumentHolds() {
    api.answering("GET /services", 200, "[]\n").answering("GET /vips", 200, "[]\n");

    CommandLine.Outcome outcome =
        client()
            .input("{\"services\":[{\"host\":\"10.0.0.1\",\"port\":80}],\"vips\":[]}")
            .run("import", "-");

    assertThat(outcome.out()).isEqualTo("1 added, 0 changed, 0 removed, 0 the same\n");
    assertThat(api.requests())
        .containsExactly(
            "GET /vips",
            "GET /services",
            "PUT /vips?strict=true []",
            "PUT /services?strict=true [{\"host\":\"10.0.0.1\",\"port\":80}]");
  }

  @Test
  void dryRunChangesNothing() {
    api.answering("GET /services", 200, "[{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\"}]\n");

    CommandLine.Outcome outcome =
        client().input("{\"services\":[]}").run("import", "--dry-run", "-");

    assertThat(outcome.out())
        .isEqualTo("- service tcp-10_0_0_1-80\n0 to add, 0 to change, 1 to remove, 0 the same\n");
    assertThat(api.requests()).containsExactly("GET /services");
  }

  @Test
  void rulesOfIpvsadmAreLaidOverWhatIsThere() {
    api.answering("GET /services", 200, "[{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\"}]\n");

    CommandLine.Outcome outcome =
        client().input("-A -t 10.0.0.2:80 -s rr\n").run("import-ipvs", "-");

    assertThat(outcome.exit()).isEqualTo(Exit.OK);
    assertThat(api.requests())
        .last()
        .isEqualTo(
            "PUT /services?strict=true [{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\"},"
                + "{\"host\":\"10.0.0.2\",\"port\":80,\"type\":\"tcp\",\"scheduler\":\"rr\","
                + "\"servers\":[]}]");
  }

  @Test
  void exportIsOneDocument() {
    for (String list : new String[] {"services", "routes", "certs", "vips"}) {
      api.answering("GET /" + list, 200, "[]\n");
    }
    api.answering("GET /errors", 200, "{\"no-routes\":\"a\",\"no-healthy\":\"b\"}\n");

    assertThat(run("export").out())
        .isEqualTo(
            "{\"vips\":[],\"certs\":[],\"services\":[],\"routes\":[],"
                + "\"errors\":{\"no-routes\":\"a\",\"no-healthy\":\"b\"}}\n");
  }
}
