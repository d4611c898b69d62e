package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of vips and certs as processes: short flags, long flags and JSON, given, from a file
 * and from standard input, and every form of their answers.
 */
class EdgeCommandsIT {

  private static final String SUCCESS = "{\"msg\":\"Success\"}\n";

  @TempDir private static Path directory;
  private static BuiltPortal portal;

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

  @AfterEach
  void empty() throws Exception {
    for (String all : List.of("set-vips", "set-certs")) {
      ok("[]\n", all, "--json=[]");
    }
  }

  private static void ok(String out, String... words) throws Exception {
    given("", out, words);
  }

  private static void given(String input, String out, String... words) throws Exception {
    assertThat(portal.runWith(input, words))
        .as(String.join(" ", words))
        .isEqualTo(new BuiltPortal.Result(0, out, ""));
  }

  @TestFactory
  Stream<DynamicTest> vips() throws IOException {
    return portal.table("vips.transcript", Map.of());
  }

  @Test
  void aVipIsOnItsInterfaceWhileItIsThere() throws Exception {
    assertThat(portal.run("add-vip", "-I", "192.0.2.91/32", "-F", "lo").exit()).isZero();
    assertThat(tool("ip", "addr", "show", "dev", "lo")).contains("192.0.2.91/32");
    ok(SUCCESS, "remove-vip", "-I", "192.0.2.91/32", "-F", "lo");
    assertThat(tool("ip", "addr", "show", "dev", "lo")).doesNotContain("192.0.2.91");
  }

  /** A certificate and its key as files {@code NAME.pem} and {@code NAME.key}, and as JSON. */
  private record Pair(String name, String cert, String key) {

    static Pair make(String name) throws Exception {
      tool(
          ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                  + (" -subj /CN=" + name + ".test -keyout " + directory.resolve(name + ".key"))
                  + (" -out " + directory.resolve(name + ".pem")))
              .split(" "));
      return new Pair(
          name,
          Files.readString(directory.resolve(name + ".pem")),
          Files.readString(directory.resolve(name + ".key")));
    }

    String json() {
      return "{\"cert\":\"" + escaped(cert) + "\",\"key\":\"" + escaped(key) + "\"}";
    }

    private static String escaped(String pem) {
      return pem.replace("\n", "\\n");
    }
  }

  private static String tool(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  @Test
  void certs() throws Exception {
    Pair a = Pair.make("a");
    String one = a.json() + "\n";
    ok(one, "add-cert", "-C", "@a.pem", "-k", "@a.key");
    ok("[" + a.json() + "]\n", "show-certs");
    ok(SUCCESS, "remove-cert", "-C", "@a.pem");
    ok("[]\n", "show-certs");
    ok(one, "add-cert", "--cert=@a.pem", "--key=@a.key");
    ok(SUCCESS, "remove-cert", "--cert", "@a.pem", "--key", "@a.key");
    ok(one, "add-cert", "-C", a.cert(), "-k", a.key());
    ok(SUCCESS, "remove-cert", "-C", a.cert());
    given(a.cert(), one, "add-cert", "-C", "-", "-k", "@a.key");

    Files.writeString(directory.resolve("a.json"), one);
    for (String[] json : new String[][] {{"-j", a.json()}, {"--json=@a.json"}, {"-j", "-"}}) {
      String[] remove =
          Stream.concat(Stream.of("remove-cert"), Stream.of(json)).toArray(String[]::new);
      String[] add = Stream.concat(Stream.of("add-cert"), Stream.of(json)).toArray(String[]::new);
      given(one, SUCCESS, remove);
      ok("[]\n", "show-certs");
      given(one, SUCCESS, remove); // what is not there is removed as well
      given(one, one, add);
      ok("[" + a.json() + "]\n", "show-certs");
    }
  }

  @Test
  void listsOfCerts() throws Exception {
    Pair a = Pair.make("a");
    Pair b = Pair.make("b");
    String both = "[" + a.json() + "," + b.json() + "]";
    ok(both + "\n", "set-certs", "-j", both);
    holds(a, b);
    Files.writeString(directory.resolve("certs.json"), "[ " + b.json() + " ]");
    ok("[" + b.json() + "]\n", "set-certs", "--json", "@certs.json");
    given(both, both + "\n", "set-certs", "-j", "-");
    // The same certificate with another key: of a pair that does not fit nothing is taken.
    String wrong =
        "[" + a.json() + ",{\"cert\":" + quoted(b.cert()) + ",\"key\":" + quoted(a.key()) + "}]";
    BuiltPortal.Result refused = portal.run("set-certs", "-j", wrong);
    assertThat(refused)
        .isEqualTo(
            new BuiltPortal.Result(
                1,
                "",
                "portal: Invalid key: it does not belong to the certificate of CN=b.test\n"));
    holds(a, b);
    ok("[]\n", "set-certs", "-j", "[]");
  }

  /** They are listed by the digest of their certificate, so in the one order or the other. */
  private static void holds(Pair one, Pair other) throws Exception {
    assertThat(portal.run("show-certs"))
        .isIn(
            new BuiltPortal.Result(0, "[" + one.json() + "," + other.json() + "]\n", ""),
            new BuiltPortal.Result(0, "[" + other.json() + "," + one.json() + "]\n", ""));
  }

  private static String quoted(String pem) {
    return "\"" + pem.replace("\n", "\\n") + "\"";
  }

  @Test
  void formsOfCerts() throws Exception {
    Pair a = Pair.make("a");
    String json = "  \"cert\" : " + quoted(a.cert()) + ",\n  \"key\" : " + quoted(a.key()) + "\n";
    String yaml = "cert: |\n" + a.cert().indent(2) + "key: |\n" + a.key().indent(2);
    String end =
        tool(
            "openssl",
            "x509",
            "-noout",
            "-enddate",
            "-dateopt",
            "iso_8601",
            "-in",
            directory.resolve("a.pem").toString());
    String line =
        "CN=a.test until " + end.substring("notAfter=".length(), "notAfter=2030-12-31".length());
    String table = "CERT" + " ".repeat(line.length() - 4) + "  KEY\n" + line + "  private key\n";
    ok("{\n" + json + "}\n", "add-cert", "-C", "@a.pem", "-k", "@a.key", "--output", "json");
    ok(yaml, "add-cert", "-C", "@a.pem", "-k", "@a.key", "--output", "yaml");
    ok(table, "add-cert", "-C", "@a.pem", "-k", "@a.key", "--output", "table");
    ok("[\n" + ("{\n" + json + "}").indent(2) + "]\n", "show-certs", "--output", "json");
    ok("- " + yaml.indent(2).stripLeading(), "show-certs", "--output", "yaml");
    ok(table, "show-certs", "--output", "table");
    ok(
        "[\n" + ("{\n" + json + "}").indent(2) + "]\n",
        "set-certs",
        "--output=json",
        "-j",
        "[" + a.json() + "]");
    ok(
        "- " + yaml.indent(2).stripLeading(),
        "set-certs",
        "--output=yaml",
        "-j",
        "[" + a.json() + "]");
    ok(table, "set-certs", "--output=table", "-j", "[" + a.json() + "]");
    ok("MSG\nSuccess\n", "remove-cert", "--output=table", "-C", "@a.pem");
    ok("msg: Success\n", "remove-cert", "--output=yaml", "-C", "@a.pem");
    ok("{\n  \"msg\" : \"Success\"\n}\n", "remove-cert", "--output=json", "-C", "@a.pem");
  }

  @Test
  void certsThatAreRefusedAreNotShown() throws Exception {
    Pair a = Pair.make("a");
    Pair b = Pair.make("b");
    assertThat(portal.run("add-cert", "-C", "x", "-k", "@a.key"))
        .isEqualTo(
            new BuiltPortal.Result(1, "", "portal: Invalid cert: no PEM certificate found\n"));
    assertThat(
            portal.run(
                "add-cert",
                "-C",
                "@" + b.name() + ".pem",
                "-j",
                "{\"key\":" + quoted(a.key()) + "}"))
        .isEqualTo(
            new BuiltPortal.Result(
                1,
                "",
                "portal: Invalid key: it does not belong to the certificate of CN=b.test\n"));
    ok("[]\n", "show-certs");
  }
}
