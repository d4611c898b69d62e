package io.portal.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Await;
import io.portal.core.InvalidException;
import io.portal.core.Scale;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.BalancerChange.RemoveServer;
import io.portal.core.port.BalancerChange.RemoveService;
import io.portal.core.port.BalancerChange.UpdateServer;
import io.portal.core.port.BalancerException;
import io.portal.proxy.l4.TestServer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real traffic through a real nginx on loopback, and what is said when it refuses. */
class NginxBalancerTest {

  private static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);

  @TempDir private Path workDir;
  private final List<AutoCloseable> resources = new ArrayList<>();
  private InetAddress loopback;
  private NginxBalancer balancer;

  @BeforeEach
  void open() throws Exception {
    loopback = InetAddress.getByName("127.0.0.1");
    balancer = closed(RealNginx.open(workDir));
  }

  @AfterEach
  void close() throws Exception {
    for (int i = resources.size() - 1; i >= 0; i--) {
      resources.get(i).close();
    }
  }

  private <T extends AutoCloseable> T closed(T resource) {
    resources.add(resource);
    return resource;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private void applied(BalancerChange... changes) throws BalancerException {
    assertThat(balancer.apply(List.of(changes))).isEmpty();
  }

  private ServiceId service(ServiceSettings settings, TestServer... servers) throws Exception {
    ServiceId id = new ServiceId(ServiceType.TCP, loopback, freePort());
    List<BalancerChange> changes = new ArrayList<>(List.of(new AddService(id, settings)));
    for (TestServer server : servers) {
      changes.add(new AddServer(id, server(server), ONE));
    }
    applied(changes.toArray(BalancerChange[]::new));
    return id;
  }

  private static ServiceSettings by(Scheduler scheduler) {
    return new ServiceSettings(scheduler, Duration.ZERO, null);
  }

  private ServerId server(TestServer server) {
    return new ServerId(loopback, server.port());
  }

  private Socket connect(ServiceId service) throws IOException {
    return connect(service, "127.0.0.1");
  }

  private Socket connect(ServiceId service, String from) throws IOException {
    Socket socket = closed(new Socket());
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(loopback, (int) service.port()));
    socket.setSoTimeout(20_000);
    return socket;
  }

  private String ask(ServiceId service, String from) throws IOException {
    try (Socket socket = connect(service, from)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String ask(ServiceId service) throws IOException {
    return ask(service, "127.0.0.1");
  }

  private static String read(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
  }

  private Map<String, Integer> answers(ServiceId service, int count) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      counts.merge(ask(service), 1, Integer::sum);
    }
    return counts;
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(limit);
      Await.pause();
    }
  }

  private long reloads() throws IOException {
    try (var lines = Files.lines(workDir.resolve("portal-nginx.log"))) {
      return lines.filter(line -> line.endsWith(": reconfiguring")).count();
    }
  }

  private Path config() {
    return workDir.resolve("portal-nginx.conf");
  }

  @Test
  void spreadsByTurnsAndByWeight() throws Exception {
    TestServer a = closed(TestServer.named("a"));
    TestServer b = closed(TestServer.named("b"));
    ServiceId web = service(by(Scheduler.RR), a, b);

    assertThat(answers(web, 20)).isEqualTo(Map.of("a", 10, "b", 10));
    applied(new UpdateServer(web, server(b), ONE.withWeight(3)));
    assertThat(answers(web, 20)).isEqualTo(Map.of("a", 5, "b", 15));
    applied(new UpdateServer(web, server(b), ONE.withWeight(0)));
    assertThat(answers(web, 5)).isEqualTo(Map.of("a", 5));
    applied(new RemoveServer(web, server(b)), new UpdateServer(web, server(a), ONE.withWeight(2)));
    assertThat(answers(web, 5)).isEqualTo(Map.of("a", 5));
  }

  @Test
  void sendsTheLeastLoadedServerTheNext() throws Exception {
    ServiceId web =
        service(by(Scheduler.WLC), closed(TestServer.echo("a")), closed(TestServer.echo("b")));
    Map<String, List<Socket>> held = new TreeMap<>();
    for (int i = 0; i < 6; i++) {
      Socket socket = connect(web);
      held.computeIfAbsent(read(socket, 1), name -> new ArrayList<>()).add(socket);
    }
    assertThat(held.get("a")).hasSize(3);
    for (Socket socket : held.get("b")) {
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      socket.close();
    }

    StringBuilder next = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      next.append(read(connect(web), 1));
    }
    assertThat(next).hasToString("bbb");
  }

  @Test
  void keepsAClientAtItsServer() throws Exception {
    TestServer[] servers = new TestServer[8];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = closed(TestServer.named(String.valueOf(i)));
    }
    ServiceId hashed = service(by(Scheduler.SH), servers);
    ServiceId sticky =
        service(new ServiceSettings(Scheduler.WLC, Duration.ofSeconds(60), null), servers);

    for (ServiceId web : List.of(hashed, sticky)) {
      assertThat(answers(web, 5)).hasSize(1);
      Set<String> others = new HashSet<>();
      for (int i = 2; i < 30; i++) {
        others.add(ask(web, "127.0.0." + i));
      }
      assertThat(others).hasSizeGreaterThan(2);
    }
  }

  @Test
  void groupsClientsByTheirNetmask() throws Exception {
    TestServer[] servers = new TestServer[8];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = closed(TestServer.named(String.valueOf(i)));
    }
    ServiceId web =
        service(
            new ServiceSettings(Scheduler.WLC, Duration.ofSeconds(60), Netmask.prefix(24, 32)),
            servers);
    TreeMap<String, Integer> groups = new TreeMap<>();
    for (int group = 1; group < 20; group++) {
      String first = ask(web, "127.0." + group + ".1");
      assertThat(ask(web, "127.0." + group + ".99")).isEqualTo(first);
      groups.merge(first, 1, Integer::sum);
    }
    assertThat(groups).hasSizeGreaterThan(2);
  }

  @Test
  void stopsAtTheUpperThreshold() throws Exception {
    TestServer a = closed(TestServer.echo("a"));
    ServiceId web = service(by(Scheduler.RR), a, closed(TestServer.echo("b")));
    applied(
        new UpdateServer(web, server(a), new ServerSettings(Forwarder.MASQUERADING, 100, 2, 0)));

    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 6; i++) {
      counts.merge(read(connect(web), 1), 1, Integer::sum);
    }

    assertThat(counts).isEqualTo(Map.of("a", 2, "b", 4));
  }

  @Test
  void balancesIpv6() throws Exception {
    InetAddress six = InetAddress.getByName("::1");
    TestServer a =
        closed(
            new TestServer(
                "::1",
                client -> client.getOutputStream().write("six".getBytes(StandardCharsets.UTF_8))));
    ServiceId web = new ServiceId(ServiceType.TCP, six, freePort());
    applied(
        new AddService(web, ServiceSettings.DEFAULT),
        new AddServer(web, new ServerId(six, a.port()), ONE));

    try (Socket socket = closed(new Socket(six, (int) web.port()))) {
      assertThat(read(socket, 3)).isEqualTo("six");
    }
    assertThat(balancer.observe().get(web).settings())
        .contains(ServiceSettings.DEFAULT.withExplicitNetmask(128));
  }

  @Test
  void balancesUdp() throws Exception {
    ServiceId dns = new ServiceId(ServiceType.UDP, loopback, freePort());
    List<BalancerChange> changes = new ArrayList<>(List.of(new AddService(dns, by(Scheduler.RR))));
    for (String name : List.of("a", "b")) {
      DatagramSocket server = closed(new DatagramSocket(0, loopback));
      answer(server, name);
      changes.add(new AddServer(dns, new ServerId(loopback, server.getLocalPort()), ONE));
    }
    applied(changes.toArray(BalancerChange[]::new));

    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      try (DatagramSocket client = new DatagramSocket(0, loopback)) {
        client.setSoTimeout(20_000);
        client.send(new DatagramPacket(new byte[] {'?'}, 1, loopback, (int) dns.port()));
        DatagramPacket packet = new DatagramPacket(new byte[10], 10);
        client.receive(packet);
        counts.merge(
            new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8),
            1,
            Integer::sum);
      }
    }
    assertThat(counts).isEqualTo(Map.of("a", 5, "b", 5));
  }

  private static void answer(DatagramSocket server, String name) {
    Thread thread =
        new Thread(
            () -> {
              byte[] text = name.getBytes(StandardCharsets.UTF_8);
              DatagramPacket packet = new DatagramPacket(new byte[100], 100);
              try {
                while (true) {
                  server.receive(packet);
                  server.send(new DatagramPacket(text, text.length, packet.getSocketAddress()));
                }
              } catch (IOException closed) {
                // The test is over.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @Test
  void aTransferSurvivesReloads() throws Exception {
    ServiceId web = service(by(Scheduler.RR), closed(TestServer.echo("a")));
    TestServer other = closed(TestServer.named("b"));
    ServiceId next = service(by(Scheduler.RR), other);
    Socket socket = connect(web);
    assertThat(read(socket, 1)).isEqualTo("a");
    byte[] block = new byte[10_000];
    long before = reloads();
    int rounds = Scale.of(15, 100);

    for (int i = 1; i <= rounds; i++) {
      Arrays.fill(block, (byte) i);
      socket.getOutputStream().write(block);
      applied(new UpdateServer(next, server(other), ONE.withWeight(1 + i % 7)));
      assertThat(socket.getInputStream().readNBytes(block.length)).isEqualTo(block);
    }

    assertThat(reloads() - before).isEqualTo(rounds);
    assertThat(ask(next)).isEqualTo("b");
  }

  @Test
  void manyChangesMakeOneReload() throws Exception {
    List<BalancerChange> changes = new ArrayList<>();
    int first = 20_000;
    for (int i = 0; i < 1000; i++) {
      InetAddress host = InetAddress.getByName("127.9." + i / 250 + "." + (1 + i % 250));
      ServiceId id = new ServiceId(ServiceType.TCP, host, first);
      changes.add(new AddService(id, by(Scheduler.WLC)));
      for (int server = 1; server <= 10; server++) {
        changes.add(new AddServer(id, new ServerId(host, first + server), ONE));
      }
    }
    long before = reloads();
    long start = System.nanoTime();

    assertThat(balancer.apply(changes)).isEmpty();

    System.out.printf(
        "nginx: 1,000 services with 10 servers each applied in %d ms with %d reload%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start), reloads() - before);
    assertThat(reloads() - before).isEqualTo(1);
    assertThat(balancer.observe()).hasSize(1000);
  }

  @Test
  void whatIsNoChangeMakesNoReload() throws Exception {
    TestServer a = closed(TestServer.named("a"));
    ServiceId web = service(by(Scheduler.RR), a);
    long before = reloads();

    applied(new UpdateServer(web, server(a), ONE));
    applied();

    assertThat(reloads()).isEqualTo(before);
  }

  @Test
  void anEditIsSeenAndUndone() throws Exception {
    TestServer a = closed(TestServer.named("a"));
    ServiceId web = service(by(Scheduler.RR), a);
    String written = Files.readString(config());
    Files.writeString(
        config(), written.replace(";\n    }\n    server", " weight=9;\n    }\n    server"));
    assertThat(balancer.observe().get(web).servers().get(server(a))).contains(ONE.withWeight(9));

    Files.writeString(config(), written.replace("stream {", "stream {\n    # mine"));
    assertThat(balancer.observe().get(web).settings()).isEmpty();
    applied(new BalancerChange.UpdateService(web, by(Scheduler.RR)));
    assertThat(config()).hasContent(written);

    Files.delete(config());
    assertThat(balancer.observe()).isEmpty();
    applied(new AddService(web, by(Scheduler.RR)), new AddServer(web, server(a), ONE));
    assertThat(config()).hasContent(written);
    assertThat(ask(web)).isEqualTo("a");
  }

  @Test
  void aChangedPrimerIsTakenUp() throws Exception {
    ServiceId web = service(by(Scheduler.RR), closed(TestServer.named("a")));
    Files.writeString(
        workDir.resolve("portal-nginx-primer.conf"),
        "worker_processes 1;\nevents { worker_connections 512; }\n");

    assertThat(balancer.observe().get(web).settings()).isEmpty();
    applied(new BalancerChange.UpdateService(web, by(Scheduler.RR)));

    assertThat(config()).content().contains("worker_connections 512");
    assertThat(balancer.observe().get(web).settings()).isPresent();
    assertThat(ask(web)).isEqualTo("a");
  }

  @Test
  void aBrokenPrimerIsNamedAndWhatRunsRunsOn() throws Exception {
    ServiceId web = service(by(Scheduler.RR), closed(TestServer.named("a")));
    String written = Files.readString(config());
    Path primer = workDir.resolve("portal-nginx-primer.conf");
    Files.writeString(primer, "worker_processes 1;\nevents { }\nnonsense on;\n");

    List<Balancer.Failure> failures =
        balancer.apply(List.of(new BalancerChange.UpdateService(web, by(Scheduler.LC))));

    assertThat(failures).hasSize(1);
    assertThat(failures.get(0).error())
        .contains("unknown directive \"nonsense\"")
        .endsWith("(line 3 of " + primer + ")");
    assertThat(config()).hasContent(written);
    assertThat(ask(web)).isEqualTo("a");

    assertThatThrownBy(() -> NginxBalancer.open(NginxOptions.in(brokenDir())))
        .isInstanceOf(BalancerException.class)
        .hasMessageContaining("unknown directive \"nonsense\"");
  }

  private Path brokenDir() throws IOException {
    Path dir = Files.createDirectory(workDir.resolve("broken"));
    Files.writeString(dir.resolve("portal-nginx-primer.conf"), "nonsense on;\nevents { }\n");
    return dir;
  }

  @Test
  void aPortInUseIsNamedAndTheRestIsDone() throws Exception {
    TestServer a = closed(TestServer.named("a"));
    ServiceId taken = new ServiceId(ServiceType.TCP, loopback, a.port());
    ServiceId elsewhere = new ServiceId(ServiceType.TCP, InetAddress.getByName("192.0.2.1"), 80);
    ServiceId fine = new ServiceId(ServiceType.TCP, loopback, freePort());

    List<Balancer.Failure> failures =
        balancer.apply(
            List.of(
                new AddService(taken, by(Scheduler.RR)),
                new AddService(elsewhere, by(Scheduler.RR)),
                new AddService(fine, by(Scheduler.RR)),
                new AddServer(fine, server(a), ONE)));

    assertThat(failures)
        .extracting(failure -> failure.change().service())
        .containsExactly(taken, elsewhere);
    assertThat(failures.get(0).error())
        .contains("bind() to 127.0.0.1:" + a.port() + " failed (98: Address already in use)");
    assertThat(failures.get(1).error())
        .contains("bind() to 192.0.2.1:80 failed (99: Cannot assign requested address)");
    assertThat(balancer.observe()).containsOnlyKeys(fine);
    assertThat(ask(fine)).isEqualTo("a");
  }

  @Test
  void aMissingNginxIsNamed() {
    assertThatThrownBy(
            () -> NginxBalancer.open(NginxOptions.in(workDir).withCommand("no-such-nginx")))
        .isInstanceOf(BalancerException.class)
        .hasMessageContaining("nginx is missing: cannot run 'no-such-nginx'");
  }

  @Test
  void aMissingStreamModuleIsNamed() throws Exception {
    Path fake = workDir.resolve("nginx-without-stream");
    Files.writeString(
        fake,
        "#!/bin/sh\necho 'nginx version: nginx/1.22.1'\n"
            + "echo 'configure arguments: --prefix=/x --modules-path=/x --with-stream=dynamic'\n");
    assertThat(fake.toFile().setExecutable(true)).isTrue();

    assertThatThrownBy(
            () -> NginxBalancer.open(NginxOptions.in(workDir).withCommand(fake.toString())))
        .isInstanceOf(BalancerException.class)
        .hasMessageContaining("nginx has no stream module");
  }

  @Test
  void aDeadNginxIsStartedAgain() throws Exception {
    ServiceId web = service(by(Scheduler.RR), closed(TestServer.named("a")));
    ProcessHandle first = NginxProcesses.master(workDir.resolve("portal-nginx.pid")).orElseThrow();

    Files.writeString(config(), "an edit that nginx would stumble over");
    first.destroyForcibly();

    await(
        () ->
            NginxProcesses.master(workDir.resolve("portal-nginx.pid"))
                .filter(now -> now.pid() != first.pid())
                .isPresent());
    await(() -> answers(balancer, web));
    assertThat(ask(web)).isEqualTo("a");
    assertThat(NginxProcesses.master(workDir.resolve("portal-nginx.pid")).orElseThrow().children())
        .isNotEmpty();
  }

  private static boolean answers(Balancer balancer, ServiceId service) {
    try {
      return balancer.observe().containsKey(service);
    } catch (BalancerException stillDown) {
      return false;
    }
  }

  @Test
  void aRunningNginxIsAdopted() throws Exception {
    ServiceId web = service(by(Scheduler.RR), closed(TestServer.named("a")));
    Path pidFile = workDir.resolve("portal-nginx.pid");
    long pid = NginxProcesses.master(pidFile).orElseThrow().pid();
    long before = reloads();

    NginxBalancer second = RealNginx.open(NginxOptions.in(workDir).withPidFile(pidFile));
    assertThat(second.observe()).containsOnlyKeys(web);
    assertThat(second.apply(List.of(new RemoveService(web)))).isEmpty();
    second.close();

    assertThat(NginxProcesses.master(pidFile).orElseThrow().pid()).isEqualTo(pid);
    assertThat(reloads()).isEqualTo(before + 2); // To be sure of the file, and for the removal.
    assertThatThrownBy(() -> connect(web)).hasMessageContaining("refused");
  }

  @Test
  void stopsTheNginxItStarted() throws Exception {
    ProcessHandle master = NginxProcesses.master(workDir.resolve("portal-nginx.pid")).orElseThrow();

    balancer.close();

    assertThat(master.isAlive()).isFalse();
    assertThatThrownBy(() -> balancer.observe())
        .isInstanceOf(BalancerException.class)
        .hasMessageContaining("nginx was stopped");
  }

  @Test
  void refusesWhatNginxCannotDo() {
    ServiceId tcp = new ServiceId(ServiceType.TCP, loopback, 80);
    ServerId there = new ServerId(loopback, 80);
    assertRefused(
        new Service(new ServiceId(ServiceType.SCTP, loopback, 80), by(Scheduler.RR), List.of()),
        "Invalid type - 'sctp'");
    assertRefused(
        new Service(new ServiceId(ServiceType.FWMARK, null, 1), by(Scheduler.RR), List.of()),
        "Invalid type - 'fwmark'");
    assertRefused(new Service(tcp, by(Scheduler.FO), List.of()), "Invalid scheduler - 'fo'");
    assertRefused(new Service(tcp, by(Scheduler.OVF), List.of()), "Invalid scheduler - 'ovf'");
    for (Forwarder forwarder : List.of(Forwarder.GATEWAYING, Forwarder.TUNNEL)) {
      Server server = new Server(there, new ServerSettings(forwarder, 1, 0, 0));
      assertRefused(
          new Service(tcp, by(Scheduler.RR), List.of(server)),
          "Invalid forwarder - '" + forwarder + "'");
    }
    Server hysteresis = new Server(there, new ServerSettings(Forwarder.MASQUERADING, 1, 9, 3));
    assertRefused(
        new Service(tcp, by(Scheduler.RR), List.of(hysteresis)), "Invalid lower_threshold - '3'");
    Server heavy = new Server(there, ONE.withWeight(1001));
    assertRefused(new Service(tcp, by(Scheduler.SH), List.of(heavy)), "Invalid weight - '1001'");
    balancer.check(new Service(tcp, by(Scheduler.WRR), List.of(heavy)));
  }

  private void assertRefused(Service service, String message) {
    assertThatThrownBy(() -> balancer.check(service))
        .isInstanceOf(InvalidException.class)
        .hasMessageStartingWith(message);
  }
}
