package io.portal.proxy.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Await;
import io.portal.core.InvalidException;
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
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TCP through real sockets on loopback, over epoll. */
class UserspaceTcpTest {

  static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);

  private final List<AutoCloseable> resources = new ArrayList<>();
  private UserspaceBalancer balancer;
  private InetAddress loopback;

  /** How the balancer under test works. */
  UserspaceOptions options() {
    return UserspaceOptions.DEFAULT;
  }

  @BeforeEach
  void open() throws Exception {
    balancer = new UserspaceBalancer(options());
    loopback = InetAddress.getByName("127.0.0.1");
  }

  @AfterEach
  void close() throws Exception {
    balancer.close();
    for (AutoCloseable resource : resources) {
      resource.close();
    }
  }

  <T extends AutoCloseable> T closed(T resource) {
    resources.add(resource);
    return resource;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  void applied(BalancerChange... changes) {
    assertThat(balancer.apply(List.of(changes))).isEmpty();
  }

  ServiceId service(Scheduler scheduler) throws IOException {
    return service(new ServiceSettings(scheduler, Duration.ZERO, null));
  }

  private ServiceId service(ServiceSettings settings) throws IOException {
    ServiceId id = new ServiceId(ServiceType.TCP, loopback, freePort());
    applied(new AddService(id, settings));
    return id;
  }

  ServerId server(ServiceId service, TestServer server, ServerSettings settings) {
    ServerId id = new ServerId(loopback, server.port());
    applied(new AddServer(service, id, settings));
    return id;
  }

  Socket connect(ServiceId service) throws IOException {
    Socket socket = closed(new Socket(loopback, (int) service.port()));
    socket.setSoTimeout(20_000);
    return socket;
  }

  private String ask(ServiceId service) throws IOException {
    try (Socket socket = connect(service)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static String read(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(limit);
      Await.pause();
    }
  }

  private ServerStats stats(ServiceId service, ServerId server) {
    return balancer.stats(List.of(service)).get(service).servers().get(server);
  }

  @Test
  void spreadsConnectionsRoundRobin() throws Exception {
    ServiceId web = service(Scheduler.RR);
    for (String name : List.of("a", "b", "c")) {
      server(web, closed(TestServer.named(name)), ONE);
    }

    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 7; i++) {
      order.append(ask(web));
    }

    assertThat(order).hasToString("abcabca");
  }

  @Test
  void sendsTheLeastLoadedServerWhatItsWeightAllows() throws Exception {
    ServiceId web = service(Scheduler.WLC);
    server(web, closed(TestServer.echo("a")), ONE);
    server(web, closed(TestServer.echo("b")), ONE.withWeight(3));

    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      order.append(read(connect(web), 1));
    }

    assertThat(order).hasToString("abbbabbb");
  }

  @Test
  void passesTheEndOfOneDirectionOn() throws Exception {
    // Answers only when it has seen the end of the request.
    TestServer counting =
        closed(
            new TestServer(
                "127.0.0.1",
                client -> {
                  int size = client.getInputStream().readAllBytes().length;
                  client.getOutputStream().write(("got " + size).getBytes(StandardCharsets.UTF_8));
                }));
    ServiceId web = service(Scheduler.RR);
    ServerId server = server(web, counting, ONE);

    try (Socket socket = connect(web)) {
      socket.getOutputStream().write(new byte[100_000]);
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("got 100000");
    }

    await(
        () ->
            stats(web, server).activeConnections() + stats(web, server).inactiveConnections() == 0);
    assertThat(stats(web, server).traffic().inBytes()).isEqualTo(100_000);
    assertThat(stats(web, server).traffic().outBytes()).isEqualTo(10);
    assertThat(stats(web, server).traffic().connections()).isEqualTo(1);
  }

  @Test
  void passesAllToAClientThatHasSaidAllAndReadsSlowly() throws Exception {
    byte[] answer = new byte[4 << 20];
    new Random(3).nextBytes(answer);
    TestServer server =
        closed(
            new TestServer(
                "127.0.0.1",
                client -> {
                  // So that what was flushed comes before what has to wait.
                  client.getOutputStream().write('!');
                  client.getInputStream().readAllBytes();
                  client.getOutputStream().write(answer);
                }));
    ServiceId web = service(Scheduler.RR);
    server(web, server, ONE);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(loopback, (int) web.port()));
      socket.setSoTimeout(20_000);
      assertThat(socket.getInputStream().read()).isEqualTo('!');
      socket.shutdownOutput();
      assertThat(Arrays.equals(socket.getInputStream().readAllBytes(), answer)).isTrue();
    }
  }

  @Test
  void countsAHalfClosedConnectionAsInactive() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    TestServer server =
        closed(
            new TestServer(
                "127.0.0.1",
                client -> {
                  client.shutdownOutput();
                  client.getInputStream().readAllBytes();
                  ended.countDown();
                }));
    ServiceId web = service(Scheduler.RR);
    ServerId id = server(web, server, ONE);
    Socket socket = connect(web);
    assertThat(socket.getInputStream().read()).isEqualTo(-1);

    await(() -> stats(web, id).inactiveConnections() == 1);
    assertThat(stats(web, id).activeConnections()).isZero();
    socket.close();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    await(() -> stats(web, id).inactiveConnections() == 0);
  }

  @Test
  void passesAResetOn() throws Exception {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    TestServer server =
        closed(
            new TestServer(
                "127.0.0.1",
                client -> {
                  client.getOutputStream().write('x');
                  try {
                    seen.complete(new AssertionError(client.getInputStream().read()));
                  } catch (SocketException reset) {
                    seen.complete(reset);
                  }
                }));
    ServiceId web = service(Scheduler.RR);
    ServerId id = server(web, server, ONE);
    Socket socket = connect(web);
    assertThat(read(socket, 1)).isEqualTo("x");

    socket.setSoLinger(true, 0);
    socket.close();

    assertThat(seen.get(20, TimeUnit.SECONDS)).hasMessageContaining("reset");
    await(() -> stats(web, id).activeConnections() + stats(web, id).inactiveConnections() == 0);
  }

  @Test
  void carriesMuchToASlowReaderInLittleMemory() throws Exception {
    int size = 64 << 20;
    byte[] block = new byte[1 << 16];
    new Random(1).nextBytes(block);
    TestServer source =
        closed(
            new TestServer(
                "127.0.0.1",
                client -> {
                  for (int sent = 0; sent < size; sent += block.length) {
                    client.getOutputStream().write(block);
                  }
                }));
    ServiceId web = service(Scheduler.RR);
    ServerId id = server(web, source, ONE);
    Socket socket = connect(web);
    InputStream in = socket.getInputStream();
    assertThat(in.readNBytes(block.length)).isEqualTo(block);

    // The client does not read: what the relay takes from the server must come to a halt.
    long[] seen = {-1, System.nanoTime()};
    await(
        () -> {
          long now = stats(web, id).traffic().outBytes();
          if (now != seen[0]) {
            seen[0] = now;
            seen[1] = System.nanoTime();
          }
          return System.nanoTime() - seen[1] > TimeUnit.MILLISECONDS.toNanos(200);
        });
    assertThat(seen[0]).isLessThan(size / 2);

    for (int received = block.length; received < size; received += block.length) {
      assertThat(Arrays.equals(in.readNBytes(block.length), block)).isTrue();
    }
    assertThat(in.read()).isEqualTo(-1);
    await(() -> stats(web, id).traffic().outBytes() == size);
  }

  @Test
  void carriesManyConnectionsBothWaysAtOnce() throws Exception {
    ServiceId web = service(Scheduler.RR);
    ServerId id = server(web, closed(TestServer.echo("")), ONE);
    int count = 8;
    byte[] data = new byte[(4 << 20) + 12_345];
    new Random(2).nextBytes(data);

    List<CompletableFuture<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = connect(web);
      answers.add(CompletableFuture.supplyAsync(() -> received(socket), this::thread));
      thread(() -> send(socket, data));
    }

    for (CompletableFuture<byte[]> answer : answers) {
      assertThat(Arrays.equals(answer.get(60, TimeUnit.SECONDS), data)).isTrue();
    }
    await(() -> stats(web, id).activeConnections() + stats(web, id).inactiveConnections() == 0);
    assertThat(stats(web, id).traffic().inBytes()).isEqualTo((long) count * data.length);
    assertThat(stats(web, id).traffic().outBytes()).isEqualTo((long) count * data.length);
  }

  private void thread(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
  }

  private static byte[] received(Socket socket) {
    try {
      return socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In pieces of all sizes, then the end. */
  private static void send(Socket socket, byte[] data) {
    try {
      for (int sent = 0, size = 1; sent < data.length; sent += size, size = size * 7 % 50_021) {
        size = Math.min(size, data.length - sent);
        socket.getOutputStream().write(data, sent, size);
      }
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void keepsATransferThroughChangesNextToIt() throws Exception {
    ServiceId web = service(Scheduler.RR);
    server(web, closed(TestServer.echo("a")), ONE);
    ServiceId other = service(Scheduler.RR);
    Socket socket = connect(web);
    assertThat(read(socket, 1)).isEqualTo("a");

    TestServer next = closed(TestServer.echo("b"));
    ServerId nextId = server(web, next, ONE);
    for (int i = 0; i < 50; i++) {
      socket.getOutputStream().write('0' + i % 10);
      applied(
          new UpdateServer(web, nextId, ONE.withWeight(i)),
          new RemoveServer(web, nextId),
          new AddServer(web, nextId, ONE),
          new RemoveService(other),
          new AddService(other, ServiceSettings.DEFAULT));
      assertThat(read(socket, 1)).isEqualTo(String.valueOf(i % 10));
    }
  }

  @Test
  void letsConnectionsOfARemovedServerFinish() throws Exception {
    ServiceId web = service(Scheduler.LC);
    TestServer a = closed(TestServer.echo("a"));
    ServerId id = server(web, a, ONE);
    Socket socket = connect(web);
    assertThat(read(socket, 1)).isEqualTo("a");

    applied(new RemoveServer(web, id));
    socket.getOutputStream().write('x');
    assertThat(read(socket, 1)).isEqualTo("x");

    // Added again it still has that connection.
    applied(new AddServer(web, id, ONE));
    assertThat(stats(web, id).activeConnections()).isEqualTo(1);
    socket.close();
    await(() -> stats(web, id).activeConnections() == 0);
  }

  @Test
  void resetsConnectionsOfARemovedService() throws Exception {
    ServiceId web = service(Scheduler.RR);
    server(web, closed(TestServer.echo("a")), ONE);
    Socket socket = connect(web);
    assertThat(read(socket, 1)).isEqualTo("a");

    applied(new RemoveService(web));

    assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    assertThatThrownBy(() -> connect(web)).hasMessageContaining("refused");
  }

  @Test
  void sendsNothingNewToWeightZero() throws Exception {
    ServiceId web = service(Scheduler.RR);
    ServerId a = server(web, closed(TestServer.echo("a")), ONE);
    server(web, closed(TestServer.echo("b")), ONE);
    Socket before = connect(web);
    assertThat(read(before, 1)).isEqualTo("a");

    applied(new UpdateServer(web, a, ONE.withWeight(0)));

    for (int i = 0; i < 5; i++) {
      assertThat(read(connect(web), 1)).isEqualTo("b");
    }
    before.getOutputStream().write('x');
    assertThat(read(before, 1)).isEqualTo("x");
  }

  @Test
  void resetsAClientThatNoServerTakes() throws Exception {
    ServiceId web = service(Scheduler.RR);

    assertThatThrownBy(() -> ask(web)).isInstanceOf(SocketException.class);
  }

  @Test
  void triesAnotherServerOnceWhenOneRefuses() throws Exception {
    ServiceId web = service(Scheduler.WLC);
    ServerId dead = new ServerId(loopback, freePort());
    applied(new AddServer(web, dead, ONE.withWeight(10)));
    server(web, closed(TestServer.named("b")), ONE);

    for (int i = 0; i < 5; i++) {
      assertThat(ask(web)).isEqualTo("b");
    }
    assertThat(stats(web, dead).activeConnections()).isZero();
    assertThat(stats(web, dead).traffic().connections()).isEqualTo(5);
  }

  @Test
  void resetsWhenTheSecondServerRefusesToo() throws Exception {
    ServiceId web = service(Scheduler.RR);
    applied(
        new AddServer(web, new ServerId(loopback, freePort()), ONE),
        new AddServer(web, new ServerId(loopback, freePort()), ONE));

    assertThatThrownBy(() -> ask(web)).isInstanceOf(SocketException.class);
  }

  @Test
  void sticksAClientToItsServer() throws Exception {
    ServiceId web =
        service(new ServiceSettings(Scheduler.RR, Duration.ofSeconds(300), Netmask.full(32)));
    ServerId a = server(web, closed(TestServer.named("a")), ONE);
    server(web, closed(TestServer.named("b")), ONE);

    for (int i = 0; i < 5; i++) {
      assertThat(ask(web)).isEqualTo("a");
    }
    assertThat(stats(web, a).persistentConnections()).isEqualTo(1);
    applied(new UpdateServer(web, a, ONE.withWeight(0)));
    assertThat(ask(web)).isEqualTo("b");
  }

  @Test
  void stopsAtTheUpperThreshold() throws Exception {
    ServiceId web = service(Scheduler.FO);
    server(web, closed(TestServer.echo("a")), new ServerSettings(Forwarder.MASQUERADING, 10, 2, 0));
    server(web, closed(TestServer.echo("b")), ONE);

    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      order.append(read(connect(web), 1));
    }

    assertThat(order).hasToString("aabb");
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

    try (Socket socket = new Socket(six, (int) web.port())) {
      assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("six");
    }
    assertThat(balancer.observe().get(web).settings().orElseThrow().netmask())
        .isEqualTo(Netmask.full(128));
  }

  @Test
  void saysWhyAnAddressCannotBeBound() throws Exception {
    ServiceId taken =
        new ServiceId(ServiceType.TCP, loopback, closed(TestServer.named("x")).port());
    ServiceId elsewhere = new ServiceId(ServiceType.TCP, InetAddress.getByName("192.0.2.1"), 80);

    List<Balancer.Failure> failures =
        balancer.apply(
            List.of(
                new AddService(taken, ServiceSettings.DEFAULT),
                new AddService(elsewhere, ServiceSettings.DEFAULT)));

    assertThat(failures).hasSize(2);
    assertThat(failures.get(0).error()).startsWith("EADDRINUSE: ");
    assertThat(failures.get(1).error()).startsWith("EADDRNOTAVAIL: ");
    assertThat(balancer.observe()).isEmpty();
  }

  @Test
  void refusesWhatNeedsTheKernel() throws Exception {
    Service sctp =
        new Service(
            new ServiceId(ServiceType.SCTP, loopback, 80), ServiceSettings.DEFAULT, List.of());
    Service mark =
        new Service(new ServiceId(ServiceType.FWMARK, null, 7), ServiceSettings.DEFAULT, List.of());

    assertThatThrownBy(() -> balancer.check(sctp))
        .isInstanceOf(InvalidException.class)
        .hasMessageContaining("Invalid type - 'sctp': must be tcp or udp");
    assertThatThrownBy(() -> balancer.check(mark)).hasMessageContaining("marks are on packets");
    assertThat(balancer.apply(List.of(new AddService(mark.id(), mark.settings()))))
        .singleElement()
        .satisfies(failure -> assertThat(failure.error()).startsWith("EPROTONOSUPPORT"));
  }

  @Test
  void takesEveryForwarder() throws Exception {
    ServiceId web = service(Scheduler.RR);
    Map<String, Forwarder> forwarders = Map.of("g", Forwarder.GATEWAYING, "i", Forwarder.TUNNEL);
    for (Map.Entry<String, Forwarder> entry : forwarders.entrySet()) {
      ServerSettings settings = new ServerSettings(entry.getValue(), 1, 0, 0);
      ServerId id = server(web, closed(TestServer.named(entry.getKey())), settings);
      balancer.check(
          new Service(
              new ServiceId(ServiceType.TCP, loopback, id.port()),
              ServiceSettings.DEFAULT,
              List.of(new Server(id, settings))));
    }

    assertThat(List.of(ask(web), ask(web))).containsExactlyInAnyOrder("g", "i");
  }

  @Test
  void countsForTheService() throws Exception {
    ServiceId web = service(Scheduler.RR);
    server(web, closed(TestServer.named("aa")), ONE);
    server(web, closed(TestServer.named("bbb")), ONE);
    ask(web);
    ask(web);

    ServiceStats stats = balancer.stats(List.of(web)).get(web);

    assertThat(stats.traffic().connections()).isEqualTo(2);
    assertThat(stats.traffic().outBytes()).isEqualTo(5);
  }
}
