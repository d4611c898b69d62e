package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of vips, certs, routes and the cluster as processes: short flags, long flags and
 * JSON, given, from a file and from standard input.
 */
class EdgeCommandsIT {

  private static final Path LAUNCHER = Path.of("target/portal/bin/portal").toAbsolutePath();
  private static final String SUCCESS = "{\"msg\":\"Success\"}\n";
  private static final String VIP =
      "{\"ip\":\"127.77.9.1/32\",\"interface\":\"lo\",\"alias\":\"lo:e2e\"}";
  private static final String ROUTE =
      "{\"subdomain\":\"a\",\"domain\":\"b.c\",\"path\":\"/x*\",\"targets\":null,"
          + "\"fwdpath\":\"\",\"page\":\"hello\"}";

  @TempDir private static Path directory;
  private static DemoDaemon daemon;

  /** What a command left behind. */
  private record Result(int exit, String out, String err) {}

  @BeforeAll
  static void start() throws IOException {
    System.setProperty("portal.launcher", LAUNCHER.toString());
    daemon = DemoDaemon.start("userspace", DemoPlaces.free(1), Map.of());
    daemon.awaitReady();
  }

  @AfterAll
  static void stop() {
    System.clearProperty("portal.launcher");
    if (daemon != null) {
      daemon.close();
    }
  }

  @AfterEach
  void empty() throws Exception {
    for (String all : List.of("set-vips", "set-certs", "set-routes")) {
      ok("[]\n", all, "--json=[]");
    }
  }

  private static Result run(String input, String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(Launcher.command(words));
    builder.environment().putAll(daemon.client());
    Path err = directory.resolve("err");
    Process process = builder.redirectError(err.toFile()).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out, Files.readString(err));
  }

  private static void ok(String out, String... words) throws Exception {
    assertThat(run("", words)).as(String.join(" ", words)).isEqualTo(new Result(0, out, ""));
  }

  private static void refused(String err, String... words) throws Exception {
    assertThat(run("", words)).as(String.join(" ", words)).isEqualTo(new Result(1, "", err));
  }

  private static String file(String name, String text) throws IOException {
    return "@" + Files.writeString(directory.resolve(name), text);
  }

  @Test
  void vips() throws Exception {
    ok("[]\n", "show-vips");
    ok(VIP + "\n", "add-vip", "-I", "127.77.9.1/32", "-F", "lo", "-A", "lo:e2e");
    ok("[" + VIP + "]\n", "show-vips");
    assertThat(new String(addresses(), StandardCharsets.UTF_8)).contains("127.77.9.1/32");
    refused(
        "portal: Invalid ip - '127.77.9.2/33': must be an address with a prefix of 1 to 32\n",
        "add-vip",
        "-I",
        "127.77.9.2/33",
        "-F",
        "lo");
    ok(SUCCESS, "remove-vip", "-I", "127.77.9.1/32", "-F", "lo");
    ok(VIP + "\n", "add-vip", "--ip", "127.77.9.1", "--interface=lo", "--alias=lo:e2e");
    ok(SUCCESS, "remove-vip", "--ip=127.77.9.1", "--interface", "lo");
    ok(VIP + "\n", "add-vip", "-j", VIP);
    ok(SUCCESS, "remove-vip", "-j", VIP);
    ok("[" + VIP + "]\n", "set-vips", "-j", file("vips.json", "[" + VIP + "]"));
    assertThat(run("[]", "set-vips", "-j", "-")).isEqualTo(new Result(0, "[]\n", ""));
    assertThat(new String(addresses(), StandardCharsets.UTF_8)).doesNotContain("127.77.9.1");
  }

  private static byte[] addresses() throws IOException {
    return new ProcessBuilder("ip", "addr", "show", "dev", "lo")
        .start()
        .getInputStream()
        .readAllBytes();
  }

  @Test
  void routes() throws Exception {
    String[] shortFlags = {"add-route", "-s", "a", "-d", "b.c", "-p", "/x*", "--page", "hello"};
    ok(ROUTE + "\n", shortFlags);
    ok("[" + ROUTE + "]\n", "show-routes");
    ok(SUCCESS, "remove-route", "-s", "a", "-d", "b.c", "-p", "/x*");
    ok(ROUTE + "\n", "add-route", "--subdomain=a", "--domain=b.c", "--path=/x*", "--page=hello");
    ok(SUCCESS, "remove-route", "--json", ROUTE);
    ok(ROUTE + "\n", "add-route", "-j", file("route.json", ROUTE));
    assertThat(run("[" + ROUTE + "]", "set-routes", "--json", "-"))
        .isEqualTo(new Result(0, "[" + ROUTE + "]\n", ""));
  }

  @Test
  void certs() throws Exception {
    Path key = directory.resolve("key.pem");
    Path chain = directory.resolve("chain.pem");
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=a.test",
                "-keyout",
                key.toString(),
                "-out",
                chain.toString(),
                "-days",
                "2")
            .redirectErrorStream(true)
            .start();
    openssl.getInputStream().readAllBytes();
    assertThat(openssl.waitFor()).isZero();
    Result added = run("", "add-cert", "-C", "@" + chain, "-k", "@" + key);
    assertThat(added.err()).isEmpty();
    assertThat(added.exit()).isZero();
    ok("[" + added.out().strip() + "]\n", "show-certs");
    ok(SUCCESS, "remove-cert", "-C", "@" + chain);
    assertThat(run("", "add-cert", "--cert=@" + chain, "--key=@" + key)).isEqualTo(added);
    ok(SUCCESS, "remove-cert", "--cert", "@" + chain);
    assertThat(run(added.out(), "add-cert", "-j", "-")).isEqualTo(added);
    ok("[]\n", "set-certs", "-j", "[]");
    Result wrong = run("", "add-cert", "-C", "x", "-k", "@" + key);
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err()).startsWith("portal: Invalid cert: ");
    assertThat(wrong.err() + wrong.out()).doesNotContain("PRIVATE KEY");
  }

  @Test
  void theRest() throws Exception {
    ok("[]\n", "show-cluster");
    String rules = file("rules", "-A -t 127.0.0.79:80 -s rr\n").substring(1);
    assertThat(run("", "import-ipvs", "--dry-run", rules).out())
        .startsWith("+ service tcp-127_0_0_79-80\n");
    assertThat(run("", "completion", "bash").out()).contains("add-service");
    assertThat(run("", "doctor", "--balancer", "userspace", "--output", "json").out())
        .contains("\"check\" : \"Java\"", "\"verdict\" : \"ok\"");
    assertThat(run("", "completion", "tcsh").exit()).isEqualTo(2);
    assertThat(run("", "add-vip", "--nonsense").exit()).isEqualTo(2);
  }
}
