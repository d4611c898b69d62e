package io.portal.ipvs;

import static io.portal.netlink.FakeTransport.error;
import static io.portal.netlink.FakeTransport.hex;
import static io.portal.netlink.FakeTransport.join;
import static io.portal.netlink.FakeTransport.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerException;
import io.portal.netlink.FakeTransport;
import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkOverrunException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The balancer over a kernel that is played on bytes: what a real one does not do when asked. */
class IpvsBalancerTest {

  private static final int FAMILY = 0x1c;
  private static final ServiceSettings SETTINGS =
      new ServiceSettings(Scheduler.RR, Duration.ZERO, Netmask.full(32));

  /** Ports of the TCP services of 10.0.0.1 that this kernel has, and what its dumps leave out. */
  private final Set<Integer> services = new TreeSet<>();

  private final Set<Integer> leftOutOfDumps = new TreeSet<>();
  private final List<Integer> commands = new ArrayList<>();
  private NetlinkOverrunException overrun;

  private final FakeTransport transport = new FakeTransport(1 << 16, this::kernel);

  private static ServiceId web(int port) throws Exception {
    return new ServiceId(ServiceType.TCP, InetAddress.getByName("10.0.0.1"), port);
  }

  private List<Object> kernel(ByteBuffer datagram) {
    List<Object> answers = new ArrayList<>();
    for (int at = 0; at < datagram.limit(); at += datagram.getInt(at)) {
      ByteBuffer message = datagram.slice(at, datagram.getInt(at)).order(datagram.order());
      answers.addAll(answer(message));
    }
    return answers;
  }

  private List<Object> answer(ByteBuffer asked) {
    int type = asked.getShort(4);
    int flags = asked.getShort(6);
    int sequence = asked.getInt(8);
    int command = asked.get(16);
    if (type == 0x10) {
      return List.of(
          message(0x10, 0, sequence, hex("01020000 0600 0100 1c000000")), error(sequence, 0));
    }
    commands.add(command);
    if (overrun != null) {
      return List.of(overrun);
    }
    boolean dump = (flags & Netlink.FLAG_DUMP) == Netlink.FLAG_DUMP;
    List<Object> answers = new ArrayList<>();
    if (command == IpvsConstants.CMD_GET_SERVICE && dump) {
      for (int port : services) {
        if (!leftOutOfDumps.contains(port)) {
          answers.add(service(port, sequence));
        }
      }
    } else if (command == IpvsConstants.CMD_GET_SERVICE) {
      // The port is the last attribute of the key.
      int port = port(asked, asked.limit() - 4);
      if (!services.contains(port)) {
        return List.of(error(sequence, 3));
      }
      answers.add(service(port, sequence));
    } else if (command == IpvsConstants.CMD_GET_INFO) {
      answers.add(message(FAMILY, 0, sequence, hex("0e010000 0800 0100 01020100")));
    } else if (command == IpvsConstants.CMD_NEW_SERVICE) {
      services.add(port(asked, 52));
    }
    if (dump) {
      answers.add(message(Netlink.DONE, Netlink.FLAG_MULTI, sequence, hex("00000000")));
    } else if ((flags & Netlink.FLAG_ACK) != 0) {
      answers.add(error(sequence, 0));
    }
    return answers;
  }

  private static int port(ByteBuffer bytes, int at) {
    return (bytes.get(at) & 255) << 8 | (bytes.get(at + 1) & 255);
  }

  private static byte[] service(int port, int sequence) {
    return message(
        FAMILY,
        2,
        sequence,
        join(
            hex(
                """
                01010000 4c00 0100
                0600 0100 02000000
                0600 0200 06000000
                1400 0300 0a000001 00000000 00000000 00000000
                0600 0400
                """),
            new byte[] {(byte) (port >> 8), (byte) port, 0, 0},
            hex("0700 0600 72720000 0c00 0700 02000000 ffffffff 0800 0900 ffffffff")));
  }

  private IpvsBalancer open() throws Exception {
    return new IpvsBalancer(IpvsClient.over(transport));
  }

  @Test
  void asksForAServiceThatADumpLacksBeforeItIsCalledAbsent() throws Exception {
    IpvsBalancer balancer = open();
    assertThat(balancer.apply(List.of(new BalancerChange.AddService(web(80), SETTINGS)))).isEmpty();
    services.add(81);
    assertThat(balancer.observe()).containsOnlyKeys(web(80), web(81));
    leftOutOfDumps.addAll(List.of(80, 81));

    assertThat(balancer.observe()).as("both stayed").containsOnlyKeys(web(80), web(81));

    services.remove(80);
    assertThat(balancer.observe()).as("one is gone").containsOnlyKeys(web(81));
    commands.clear();
    leftOutOfDumps.clear();
    assertThat(balancer.observe()).containsOnlyKeys(web(81));
    assertThat(commands)
        .as("nothing is missing: a dump of services and one of destinations")
        .containsExactly(IpvsConstants.CMD_GET_SERVICE, IpvsConstants.CMD_GET_DEST);
  }

  @Test
  void saysThatNothingIsKnownWhenAnswersAreLost() throws Exception {
    IpvsBalancer balancer = open();
    overrun = new NetlinkOverrunException("receive");

    assertThatThrownBy(() -> balancer.apply(List.of(new BalancerChange.RemoveService(web(80)))))
        .isInstanceOf(BalancerException.class)
        .hasMessageStartingWith("IPVS: change IPVS: ENOBUFS")
        .hasCauseInstanceOf(NetlinkOverrunException.class);
    assertThatThrownBy(balancer::observe).isInstanceOf(BalancerException.class);
    assertThatThrownBy(() -> balancer.stats(List.of(web(80))))
        .isInstanceOf(BalancerException.class);
  }

  @Test
  void sendsNothingForNoChanges() throws Exception {
    IpvsBalancer balancer = open();
    commands.clear();

    assertThat(balancer.apply(List.of())).isEmpty();
    assertThat(balancer.observe(List.of())).isEmpty();

    assertThat(commands).isEmpty();
    assertThat(balancer.changesSent()).isZero();
    balancer.close();
    assertThat(transport.closed()).isTrue();
  }
}
