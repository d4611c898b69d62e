package io.portal.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.Await;
import io.portal.core.Portal;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.InMemoryBalancer;
import io.portal.store.file.FileStore;
import io.portal.store.servers.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters over TLS and through Sentinel, with real servers. */
class RedisUrlsIT {

  private static final String TOKEN = "cluster-secret";
  private static final String TRUST_STORE = "javax.net.ssl.trustStore";

  @TempDir private Path directory;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    System.clearProperty(TRUST_STORE);
    System.clearProperty(TRUST_STORE + "Password");
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process redis(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Programs.find("redis-server").toString());
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    processes.add(process);
    return process;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long limit = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(limit);
      Await.pause();
    }
  }

  private RedisCluster join(String url, String member) throws Exception {
    return RedisCluster.join(
        url,
        TOKEN,
        FileStore.open(Files.createDirectories(directory.resolve(member))),
        RedisClusterContractTest.options(member));
  }

  private static Portal portal(RedisCluster cluster) {
    return Portal.builder().store(cluster).balancer(new InMemoryBalancer()).start();
  }

  private static Service service(int port) {
    return new Service(
        ServiceId.parse("tcp-10_0_0_1-" + port).orElseThrow(),
        new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
        List.of());
  }

  @Test
  void speaksTlsAndChecksTheServersCertificate() throws Exception {
    Path key = directory.resolve("key.pem");
    Path cert = directory.resolve("cert.pem");
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=redis",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-days",
        "2",
        "-keyout",
        key.toString(),
        "-out",
        cert.toString());
    Path trust = directory.resolve("trust.p12");
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-importcert",
        "-noprompt",
        "-alias",
        "redis",
        "-file",
        cert.toString(),
        "-keystore",
        trust.toString(),
        "-storepass",
        "changeit");
    int port = Programs.freePort();
    redis(
        "--port",
        "0",
        "--tls-port",
        "" + port,
        "--bind",
        "127.0.0.1",
        "--tls-cert-file",
        cert.toString(),
        "--tls-key-file",
        key.toString(),
        "--tls-ca-cert-file",
        cert.toString(),
        "--tls-auth-clients",
        "no",
        "--requirepass",
        TOKEN,
        "--save",
        "");
    String url = "rediss://127.0.0.1:" + port;

    try (RedisCluster untrusting = join(url, "untrusting")) {
      assertThat(untrusting.phase()).isEqualTo("away");
    }

    System.setProperty(TRUST_STORE, trust.toString());
    System.setProperty(TRUST_STORE + "Password", "changeit");
    RedisCluster cluster = join(url, "one");
    await("the cluster is ready", () -> cluster.phase().equals("ready"));
    try (Portal one = portal(cluster);
        Portal two = portal(join(url, "two"))) {
      one.services().add(service(1));
      assertThat(two.state().services()).containsOnlyKeys(service(1).id());
    }
  }

  @Test
  void followsSentinelToANewMaster() throws Exception {
    int first = Programs.freePort();
    int second = Programs.freePort();
    int sentinel = Programs.freePort();
    Process master = data(first);
    data(second, "--replicaof", "127.0.0.1 " + first);
    Path config = directory.resolve("sentinel.conf");
    Files.writeString(
        config,
        """
        port %d
        bind 127.0.0.1
        sentinel monitor portal 127.0.0.1 %d 1
        sentinel auth-pass portal %s
        sentinel down-after-milliseconds portal 500
        sentinel failover-timeout portal 5000
        """
            .formatted(sentinel, first, TOKEN));
    await("the replica follows", () -> info(first).contains("connected_slaves:1"));
    redis(config.toString(), "--sentinel");
    String url = "redis-sentinel://127.0.0.1:" + sentinel + "/#portal";
    await(
        "sentinel knows the replica",
        () ->
            run("redis-cli", "-p", "" + sentinel, "sentinel", "replicas", "portal")
                .contains("" + second));

    RedisCluster cluster = join(url, "one");
    await("the cluster is ready", () -> cluster.phase().equals("ready"));
    try (Portal one = portal(cluster);
        Portal two = portal(join(url, "two"))) {
      one.services().add(service(1));
      await("the replica has it", () -> info(second).contains("master_link_status:up"));

      master.destroyForcibly().waitFor();
      await("the replica is the master", () -> info(second).contains("role:master"));
      await("the cluster is ready again", () -> writes(one, service(2)));
      await("both have it", () -> two.state().services().size() == 2);
      assertThat(one.state().services()).containsKeys(service(1).id(), service(2).id());
    }
  }

  private static boolean writes(Portal portal, Service service) {
    try {
      portal.services().add(service);
      return true;
    } catch (io.portal.core.PortalException notYet) {
      return portal.services().find(service.id()).isPresent();
    }
  }

  private Process data(int port, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--requirepass",
                TOKEN,
                "--masterauth",
                TOKEN,
                "--save",
                "",
                "--dbfilename",
                "dump-" + port + ".rdb"));
    arguments.addAll(List.of(more));
    return redis(arguments.toArray(String[]::new));
  }

  private static String info(int port) throws Exception {
    return run(
        "redis-cli", "--no-auth-warning", "-a", TOKEN, "-p", "" + port, "info", "replication");
  }
}
