package io.portal.proxy.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.Await;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.BalancerChange.RemoveServer;
import io.portal.core.port.BalancerChange.UpdateServer;
import io.portal.core.port.ServerStats;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** UDP through real sockets on loopback. */
class UserspaceUdpTest {

  private static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final List<DatagramSocket> sockets = new ArrayList<>();
  private final AtomicLong now = new AtomicLong(1);
  private UserspaceBalancer balancer;
  private InetAddress loopback;
  private ServiceId dns;

  /** Whether epoll is used. */
  boolean nativeTransport() {
    return true;
  }

  @BeforeEach
  void open() throws Exception {
    loopback = InetAddress.getByName("127.0.0.1");
    balancer =
        new UserspaceBalancer(
            new UserspaceOptions(2, nativeTransport(), Duration.ofSeconds(5), IDLE, 3, 1 << 20),
            now::get);
    int port;
    try (DatagramSocket free = new DatagramSocket(0, loopback)) {
      port = free.getLocalPort();
    }
    dns = new ServiceId(ServiceType.UDP, loopback, port);
    applied(new AddService(dns, new ServiceSettings(Scheduler.RR, Duration.ZERO, null)));
  }

  @AfterEach
  void close() {
    balancer.close();
    sockets.forEach(DatagramSocket::close);
  }

  private void applied(BalancerChange... changes) {
    assertThat(balancer.apply(List.of(changes))).isEmpty();
  }

  private DatagramSocket socket() throws IOException {
    DatagramSocket socket = new DatagramSocket(0, loopback);
    socket.setSoTimeout(20_000);
    sockets.add(socket);
    return socket;
  }

  /** A server that puts its name before what it gets and sends it back. */
  private DatagramSocket echo(String name) throws IOException {
    DatagramSocket socket = socket();
    socket.setSoTimeout(0);
    Thread thread =
        new Thread(
            () -> {
              byte[] buffer = new byte[65_535];
              while (true) {
                try {
                  DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                  socket.receive(packet);
                  byte[] prefix = name.getBytes(StandardCharsets.UTF_8);
                  byte[] answer = Arrays.copyOf(prefix, prefix.length + packet.getLength());
                  System.arraycopy(buffer, 0, answer, prefix.length, packet.getLength());
                  socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException closed) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return socket;
  }

  private ServerId add(DatagramSocket server) {
    ServerId id = new ServerId(loopback, server.getLocalPort());
    applied(new AddServer(dns, id, ONE));
    return id;
  }

  private void send(DatagramSocket client, byte[] data) throws IOException {
    client.send(new DatagramPacket(data, data.length, loopback, (int) dns.port()));
  }

  private static byte[] receive(DatagramSocket client) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    client.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private String ask(DatagramSocket client, String text) throws IOException {
    send(client, text.getBytes(StandardCharsets.UTF_8));
    return new String(receive(client), StandardCharsets.UTF_8);
  }

  private ServerStats stats(ServerId server) {
    return balancer.stats(List.of(dns)).get(dns).servers().get(server);
  }

  private static void await(BooleanSupplier condition) {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(limit);
      Await.pause();
    }
  }

  @Test
  void givesEachClientASessionAndPassesAnswersBack() throws Exception {
    ServerId a = add(echo("a"));
    ServerId b = add(echo("b"));
    DatagramSocket one = socket();
    DatagramSocket two = socket();

    assertThat(ask(one, "1")).isEqualTo("a1");
    assertThat(ask(two, "2")).isEqualTo("b2");
    assertThat(ask(one, "3")).isEqualTo("a3");
    assertThat(ask(two, "4")).isEqualTo("b4");

    assertThat(stats(a).inactiveConnections()).isEqualTo(1);
    assertThat(stats(a).traffic().inPackets()).isEqualTo(2);
    assertThat(stats(a).traffic().outPackets()).isEqualTo(2);
    assertThat(stats(a).traffic().inBytes()).isEqualTo(2);
    assertThat(stats(b).traffic().outBytes()).isEqualTo(4);
  }

  @Test
  void carriesRequestsWithoutContent() throws Exception {
    add(echo("a"));

    assertThat(ask(socket(), "")).isEqualTo("a");
  }

  @Test
  void cutsNoDatagram() throws Exception {
    add(echo(""));
    byte[] longest = new byte[65_507];
    Arrays.fill(longest, (byte) 7);
    DatagramSocket client = socket();

    send(client, longest);

    assertThat(receive(client)).isEqualTo(longest);
  }

  @Test
  void endsIdleSessions() throws Exception {
    ServerId a = add(echo("a"));
    ServerId b = add(echo("b"));
    DatagramSocket one = socket();
    DatagramSocket two = socket();
    assertThat(ask(one, "1")).isEqualTo("a1");
    assertThat(ask(two, "1")).isEqualTo("b1");
    now.addAndGet(IDLE.toNanos() - 1);
    assertThat(ask(one, "2")).isEqualTo("a2");
    now.addAndGet(2);

    await(() -> stats(b).inactiveConnections() == 0);
    assertThat(stats(a).inactiveConnections()).isEqualTo(1);
    assertThat(ask(one, "3")).isEqualTo("a3");
    assertThat(ask(two, "3")).isEqualTo("a3");
  }

  @Test
  void theSessionIdleLongestMakesRoom() throws Exception {
    ServerId a = add(echo("a"));
    DatagramSocket first = socket();
    for (DatagramSocket client : List.of(first, socket(), socket(), socket())) {
      assertThat(ask(client, "1")).isEqualTo("a1");
    }

    await(() -> stats(a).inactiveConnections() == 3);
    assertThat(stats(a).traffic().connections()).isEqualTo(4);
    assertThat(ask(first, "2")).isEqualTo("a2");
    assertThat(stats(a).traffic().connections()).isEqualTo(5);
  }

  @Test
  void aRemovedServersSessionsMoveToAnother() throws Exception {
    ServerId a = add(echo("a"));
    add(echo("b"));
    DatagramSocket client = socket();
    assertThat(ask(client, "1")).isEqualTo("a1");

    applied(new RemoveServer(dns, a));

    assertThat(ask(client, "2")).isEqualTo("b2");
  }

  @Test
  void weightZeroKeepsTheSessionsThatAreThere() throws Exception {
    ServerId a = add(echo("a"));
    add(echo("b"));
    DatagramSocket client = socket();
    assertThat(ask(client, "1")).isEqualTo("a1");

    applied(new UpdateServer(dns, a, ONE.withWeight(0)));

    assertThat(ask(client, "2")).isEqualTo("a2");
    assertThat(ask(socket(), "3")).isEqualTo("b3");
    assertThat(ask(socket(), "4")).isEqualTo("b4");
  }

  @Test
  void aServerThatRefusesLosesItsSession() throws Exception {
    DatagramSocket dead = socket();
    ServerId a = add(dead);
    add(echo("b"));
    dead.close();
    DatagramSocket client = socket();
    send(client, new byte[] {'1'});

    await(() -> stats(a).traffic().connections() == 1 && stats(a).inactiveConnections() == 0);
    assertThat(ask(client, "2")).isEqualTo("b2");
  }

  @Test
  void twoServicesCannotHaveOnePort() throws Exception {
    DatagramSocket taken = socket();
    ServiceId id = new ServiceId(ServiceType.UDP, loopback, taken.getLocalPort());

    List<Balancer.Failure> failures =
        balancer.apply(List.of(new AddService(id, ServiceSettings.DEFAULT)));

    assertThat(failures).hasSize(1);
    assertThat(failures.get(0).error()).startsWith("EADDRINUSE: ");
    assertThat(balancer.observe()).containsOnlyKeys(dns);
  }

  @Test
  void nothingListensOnceTheServiceIsRemoved() throws Exception {
    add(echo("a"));
    assertThat(ask(socket(), "1")).isEqualTo("a1");

    applied(new BalancerChange.RemoveService(dns));

    try (DatagramSocket again = new DatagramSocket((int) dns.port(), loopback)) {
      assertThat(again.isBound()).isTrue();
    } catch (SocketException bound) {
      throw new AssertionError("the port is still bound", bound);
    }
  }
}
