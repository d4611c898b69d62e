package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.portal.cli.BuiltPortal.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The doctor and the completion scripts as processes. */
class ToolCommandsIT {

  /**
   * What the doctor may say of any host: check, verdict, finding and remedy as patterns. With the
   * userspace balancer the kernel's part is never missing.
   */
  private static final Map<String, List<String>> MACHINE = new LinkedHashMap<>();

  static {
    MACHINE.put("Java", List.of("ok|[0-9.]+ \\(.+\\)|"));
    MACHINE.put("system", List.of("ok|Linux [0-9].*|"));
    MACHINE.put(
        "IPVS",
        List.of(
            "ok|in the kernel|",
            "ok|a module, loaded when portal starts|",
            "note|not in this kernel, nor among the modules of .*|modprobe ip_vs \\(in a container:"
                + " on its host\\), or portal --balancer userspace"));
    MACHINE.put(
        "CAP_NET_ADMIN",
        List.of(
            "ok|held|",
            "note|not held; IPVS and vips need it|sudo portal \\.\\.\\., or .*",
            "note|held in a user namespace only, where IPVS does not count it|run the container"
                + " .*"));
    MACHINE.put("loopback", List.of("ok|up|", "note|down; IPVS refuses servers|ip link set lo up"));
    MACHINE.put("IPv4 forwarding", forwarding("net\\.ipv4\\.ip_forward"));
    MACHINE.put("IPv6 forwarding", forwarding("net\\.ipv6\\.conf\\.all\\.forwarding"));
    MACHINE.put(
        "IPVS conntrack",
        List.of(
            "ok|on|",
            "note|off; needed where netfilter rules look at balanced connections|"
                + "sysctl -w net\\.ipv4\\.vs\\.conntrack=1",
            "note|not known before IPVS is loaded|"));
    for (String name :
        List.of(
            "sloppy_tcp", "expire_nodest_conn", "expire_quiescent_template", "conn_reuse_mode")) {
      MACHINE.put(
          "IPVS " + name, List.of("ok|[0-9]; .*[01] .*|", "note|not known before IPVS is loaded|"));
    }
    String install = "apt-get install nginx-light libnginx-mod-stream";
    MACHINE.put(
        "nginx",
        List.of(
            "ok|nginx/.+ with its stream module|",
            "note|nginx/.+, but not its stream module|" + install,
            "note|not there; only --balancer nginx needs it|" + install));
  }

  @TempDir private static Path directory;
  private static BuiltPortal portal;

  private static List<String> forwarding(String sysctl) {
    return List.of(
        "ok|on|",
        "note|off; masquerading \\(-f m\\) to other hosts needs it|sysctl -w " + sysctl + "=1",
        "note|not in this kernel|");
  }

  @BeforeAll
  static void start() throws IOException {
    portal = BuiltPortal.start("userspace", DemoPlaces.free(1), directory, Map.of());
  }

  @AfterAll
  static void stop() {
    if (portal != null) {
      portal.close();
    }
  }

  /** The doctor, asked for a daemon on ports that are free, with a directory of its own. */
  private static Result doctor(String... more) throws IOException, InterruptedException {
    Stream<String> words =
        Stream.of(
            "doctor",
            "--balancer=userspace",
            "--api-port=" + freePort(),
            "--proxy-http=off",
            "--proxy-tls=off",
            "--work-dir=" + directory,
            "--db-connection=scribble://" + directory.resolve("db"));
    return portal.run(Stream.concat(words, Stream.of(more)).toArray(String[]::new));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The lines {@code check|verdict|found|remedy} of the doctor's JSON. */
  private static List<String> lines(String json) throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode check : new JsonMapper().readTree(json)) {
      List<String> names = new ArrayList<>();
      check.fieldNames().forEachRemaining(names::add);
      assertThat(names).containsExactly("check", "verdict", "found", "remedy");
      lines.add(String.join("|", names.stream().map(name -> check.get(name).asText()).toList()));
    }
    return lines;
  }

  private static void saysOfTheMachine(List<String> lines) {
    int number = 0;
    for (Map.Entry<String, List<String>> check : MACHINE.entrySet()) {
      String line = lines.get(number++);
      assertThat(check.getValue())
          .as(line)
          .anyMatch(pattern -> line.matches(check.getKey() + "\\|" + pattern.replace("|", "\\|")));
    }
  }

  @Test
  void theDoctorSaysOfAHostThatWillDo() throws IOException, InterruptedException {
    int api = freePort();
    Result json = doctor("--api-port=" + api, "--output=json");

    assertThat(json.exit()).isZero();
    assertThat(json.err()).isEmpty();
    List<String> lines = lines(json.out());
    saysOfTheMachine(lines);
    assertThat(lines.subList(MACHINE.size(), lines.size()))
        .containsExactly(
            "database|ok|" + directory.resolve("db") + " can be made|",
            "API port|ok|127.0.0.1:" + api + " is free|",
            "work directory|ok|" + directory + " is writable|");

    Result yaml = doctor("--api-port=" + api, "--output=yaml");
    assertThat(yaml.exit()).isZero();
    assertThat(yaml.err()).isEmpty();
    assertThat(new YAMLMapper().readTree(yaml.out()))
        .isEqualTo(new JsonMapper().readTree(json.out()));

    String table = table(lines) + "\nPortal can run here as it is configured.\n";
    assertThat(doctor("--api-port=" + api)).isEqualTo(new Result(0, table, ""));
    assertThat(doctor("--api-port=" + api, "--output=table")).isEqualTo(new Result(0, table, ""));
  }

  /** Those lines in columns, a remedy on a line of its own. */
  private static String table(List<String> lines) {
    List<String[]> rows =
        new ArrayList<>(List.<String[]>of(new String[] {"CHECK", "", "FOUND", ""}));
    lines.forEach(line -> rows.add(line.split("\\|", -1)));
    int verdicts = rows.stream().mapToInt(row -> row[1].length()).max().orElseThrow();
    int checks = rows.stream().mapToInt(row -> row[0].length()).max().orElseThrow();
    String format = "%-" + verdicts + "s  %-" + checks + "s  %s";
    StringBuilder table = new StringBuilder();
    for (String[] row : rows) {
      table.append(String.format(format, row[1], row[0], row[2]).stripTrailing()).append('\n');
      if (!row[3].isEmpty()) {
        table.append(String.format(format, "", "", "  " + row[3])).append('\n');
      }
    }
    return table.toString();
  }

  @Test
  void theDoctorSaysWhatIsMissing() throws IOException, InterruptedException {
    int nobody = freePort();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String[] words = {
        "--db-connection=postgres://user:secret@127.0.0.1:" + nobody + "/portal",
        "--cluster-connection=redis://:secret@127.0.0.1:" + nobody,
        "--proxy-http=127.0.0.1:" + taken.getLocalPort(),
        "--proxy-tls=127.0.0.1:" + nobody,
        "--work-dir=" + directory + "/file/work",
        "--output=json"
      };
      Files.writeString(directory.resolve("file"), "");
      Result result = doctor(words);

      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.err()).isEmpty();
      List<String> lines = lines(result.out());
      saysOfTheMachine(lines);
      String http = "127.0.0.1:" + taken.getLocalPort();
      String work = directory + "/file/work";
      assertThat(lines.subList(MACHINE.size(), lines.size()))
          .filteredOn(line -> !line.startsWith("API port|ok|"))
          .containsExactly(
              "PostgreSQL|missing|not reached at 127.0.0.1:"
                  + nobody
                  + ": Connection refused|"
                  + "systemctl start postgresql",
              "Redis|missing|not reached at 127.0.0.1:"
                  + nobody
                  + ": Connection refused|"
                  + "systemctl start redis-server",
              "HTTP port|missing|"
                  + http
                  + ": Address already in use|ss -ltnp 'sport = :"
                  + taken.getLocalPort()
                  + "' shows who has it",
              "HTTPS port|ok|127.0.0.1:" + nobody + " is free|",
              "work directory|missing|"
                  + work
                  + " is not writable|install -d -o $(id -un) "
                  + work
                  + " as root, or -w DIRECTORY");

      words[words.length - 1] = "--output=table";
      List<String> again = lines.stream().filter(line -> !line.startsWith("API port|")).toList();
      Result table = doctor(words);
      assertThat(table.exit()).isEqualTo(1);
      assertThat(table.err()).isEmpty();
      assertThat(
              table
                  .out()
                  .lines()
                  .filter(
                      line ->
                          !line.contains("API port")
                              && !line.startsWith("It can run here with: portal --server "))
                  .toList())
          .isEqualTo(
              (table(again)
                      + "\nPortal cannot run here as it is configured: see 'missing' above.\n")
                  .lines()
                  .toList());
    }
  }

  @Test
  void theDoctorKnowsAPortalThatRuns() throws IOException, InterruptedException {
    Result result = portal.run("doctor", "--balancer=userspace", "--output=json");

    assertThat(lines(result.out()))
        .anyMatch(
            line ->
                line.matches(
                    "API port\\|ok\\|127.0.0.1:[0-9]+ is in use, and portal is running\\|"));
    assertThat(result.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completion(String shell) throws IOException, InterruptedException {
    assertThat(portal.run("completion", shell))
        .isEqualTo(new Result(0, new CommandLine().run("completion", shell).out(), ""));
  }

  @Test
  void bashTakesItsScriptAndZshTheSame() throws IOException, InterruptedException {
    String bash = portal.run("completion", "bash").out();
    assertThat(portal.run("completion", "zsh").out())
        .isEqualTo("#compdef portal\nautoload -U +X bashcompinit && bashcompinit\n" + bash);
    Files.writeString(directory.resolve("portal.bash"), bash);
    String ask =
        "set -u; source <(cat portal.bash); complete -p portal; for words in 'show-v' 'add-vip"
            + " --al' '--output t' 'show-vips --output =' 'show-vips --output = y' 'import --d'; do"
            + " COMP_WORDS=(portal $words) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _portal; echo"
            + " \"$words: ${COMPREPLY[*]}\"; done";
    Process process =
        new ProcessBuilder("/bin/bash", "-c", ask)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            complete -F _portal portal
            show-v: show-vips
            add-vip --al: --alias --allow-anonymous
            --output t: table
            show-vips --output =: table json yaml
            show-vips --output = y: yaml
            import --d: --dry-run --db-connection
            """);
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void fishHasALineForEveryCommandAndFlag() throws IOException, InterruptedException {
    Collection<Command> commands = Commands.all().values();
    List<String> lines = portal.run("completion", "fish").out().lines().toList();

    assertThat(lines).first().isEqualTo("# fish completion for portal");
    assertThat(lines.subList(1, lines.size()))
        .hasSize(
            commands.size()
                + Globals.ALL.size()
                + (int)
                    commands.stream()
                        .filter(command -> !CompletionValues.ofArguments(command).isEmpty())
                        .count()
                + commands.stream().mapToInt(command -> command.flags().size()).sum())
        .doesNotHaveDuplicates()
        .allMatch(
            line ->
                line.matches(
                    "complete -c portal( -f)?( -n '[^']+')?( -a ([a-z-]+|'[a-z ]+'))?( -s"
                        + " [A-Za-z])?( -l [a-z-]+)?( -r?[xF]?a?( ['\"].+['\"])?)?( -d"
                        + " '([^'\\\\]|\\\\.)+')?"))
        .contains(
            "complete -c portal -n '__fish_seen_subcommand_from add-service' -s T -l service-type"
                + " -xa 'tcp udp sctp fwmark' -d 'tcp, udp, sctp or fwmark'",
            "complete -c portal -n '__fish_seen_subcommand_from import' -l dry-run"
                + " -d 'show what would change, change nothing'");
  }
}
