package io.portal.netlink;

import static io.portal.netlink.FakeTransport.error;
import static io.portal.netlink.FakeTransport.hex;
import static io.portal.netlink.FakeTransport.join;
import static io.portal.netlink.FakeTransport.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Batches, refusals and dumps, on the bytes of a little-endian machine. */
class NetlinkConnectionTest {

  private static final NetlinkRequest REQUEST = new NetlinkRequest(0x21, out -> out.u8(1, 0xab));

  private static NetlinkConnection over(FakeTransport transport) {
    return new NetlinkConnection(transport, Duration.ofMillis(7));
  }

  @Test
  void asksOnlyTheLastOfABatchForAnAcknowledgement() throws Exception {
    FakeTransport kernel = FakeTransport.answering(error(2, 0));

    assertThat(over(kernel).execute("do", List.of(REQUEST, REQUEST))).isEmpty();

    assertThat(kernel.sent())
        .containsExactly(
            hex(
                """
                18000000 2100 0100 01000000 00000000 0500 0100 ab000000
                18000000 2100 0500 02000000 00000000 0500 0100 ab000000
                """));
  }

  @Test
  void matchesRefusalsByNumberAndGoesOn() throws Exception {
    FakeTransport kernel = FakeTransport.answering(error(1, 17), join(error(3, 2), error(4, 3)));

    List<NetlinkFailure> failures = over(kernel).execute("do", Collections.nCopies(4, REQUEST));

    assertThat(failures)
        .containsExactly(
            new NetlinkFailure(0, Errno.EEXIST, ""),
            new NetlinkFailure(2, Errno.ENOENT, ""),
            new NetlinkFailure(3, Errno.ESRCH, ""));
  }

  @Test
  void cutsBatchesToWhatOneDatagramTakes() throws Exception {
    FakeTransport kernel =
        new FakeTransport(
            24 * 3 + 23,
            asked -> {
              int last = asked.limit() - 24;
              return List.of(error(asked.getInt(last + 8), asked.limit() == 24 * 3 ? 0 : 22));
            });

    List<NetlinkFailure> failures = over(kernel).execute("do", Collections.nCopies(8, REQUEST));

    assertThat(kernel.sent()).extracting(bytes -> bytes.length).containsExactly(72, 72, 48);
    assertThat(kernel.sent())
        .allSatisfy(
            bytes -> {
              ByteBuffer sent = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
              for (int at = 0; at < bytes.length; at += 24) {
                boolean last = at == bytes.length - 24;
                assertThat(sent.getShort(at + 6) & Netlink.FLAG_ACK)
                    .isEqualTo(last ? Netlink.FLAG_ACK : 0);
              }
            });
    assertThat(failures).containsExactly(new NetlinkFailure(7, Errno.EINVAL, ""));
  }

  @Test
  void limitsABatchToTheAnswersThatFitTheReceiveBuffer() throws Exception {
    FakeTransport kernel =
        new FakeTransport(
            1 << 20, asked -> List.of(error(asked.getInt(asked.limit() - 24 + 8), 0)));

    over(kernel).execute("do", Collections.nCopies(250, REQUEST));

    assertThat(kernel.sent()).extracting(bytes -> bytes.length / 24).containsExactly(100, 100, 50);
  }

  @Test
  void readsTheKernelsOwnWordsBehindACappedAndAWholeOriginal() {
    byte[] words = hex("1100 0100 6e6f206d6f6e6b65797321 00 000000"); // NLMSGERR_ATTR_MSG
    byte[] capped =
        message(
            Netlink.ERROR,
            Netlink.FLAG_CAPPED | Netlink.FLAG_ACK_ATTRIBUTES,
            1,
            join(hex("eaffffff 18000000 2100 0500 01000000 00000000"), words));
    byte[] whole =
        message(
            Netlink.ERROR,
            Netlink.FLAG_ACK_ATTRIBUTES,
            1,
            join(hex("eaffffff 18000000 2100 0500 01000000 00000000 0500 0100 ab000000"), words));
    for (byte[] answer : List.of(capped, whole)) {
      assertThatThrownBy(() -> over(FakeTransport.answering(answer)).execute("feed", REQUEST))
          .hasMessage("feed: EINVAL (no monkeys!)")
          .asInstanceOf(type(NetlinkException.class))
          .satisfies(
              e -> {
                assertThat(e.operation()).isEqualTo("feed");
                assertThat(e.errno()).isEqualTo(Errno.EINVAL);
                assertThat(e.kernelMessage()).isEqualTo("no monkeys!");
              });
    }
  }

  @Test
  void tellsOfLostAnswers() {
    FakeTransport kernel = FakeTransport.answering(new NetlinkOverrunException("receive"));

    assertThatThrownBy(() -> over(kernel).execute("do", List.of(REQUEST)))
        .isInstanceOf(NetlinkOverrunException.class)
        .hasMessageStartingWith("do: ENOBUFS");
  }

  @Test
  void isFreeAgainAfterADumpThatWasOverrun() throws Exception {
    Deque<List<Object>> answers =
        new ArrayDeque<>(
            List.of(
                List.of(
                    part(1, 0, "0500 0100 01000000"),
                    new NetlinkOverrunException("receive"),
                    part(1, 0, "0500 0100 03000000"),
                    new NetlinkOverrunException("receive"),
                    done(1, "00000000")),
                List.of(error(2, 0))));
    FakeTransport kernel = new FakeTransport(1 << 16, asked -> answers.poll());
    NetlinkConnection connection = over(kernel);

    assertThatThrownBy(() -> connection.dump("dump", REQUEST, (index, message) -> {}))
        .isInstanceOf(NetlinkOverrunException.class)
        .hasMessageStartingWith("dump: ENOBUFS");
    assertThat(kernel.receive(Duration.ZERO)).as("nothing is left to read").isNull();
    connection.execute("do", REQUEST);
  }

  @Test
  void tellsOfNoAnswer() {
    assertThatThrownBy(() -> over(FakeTransport.answering()).execute("do", REQUEST))
        .isInstanceOf(NetlinkTimeoutException.class)
        .hasMessage("do: no answer from the kernel within 7 ms");
  }

  @Test
  void skipsAnswersToExchangesThatWereGivenUp() throws Exception {
    FakeTransport kernel = FakeTransport.answering(error(0, 22), error(99, 22), error(1, 0));

    over(kernel).execute("do", REQUEST);

    assertThat(kernel.sent()).hasSize(1);
  }

  private static byte[] part(int sequence, int flags, String body) {
    return message(0x21, Netlink.FLAG_MULTI | flags, sequence, hex(body));
  }

  private static byte[] done(int sequence, String error) {
    return message(Netlink.DONE, Netlink.FLAG_MULTI, sequence, hex(error));
  }

  private static List<Integer> dump(FakeTransport kernel, int expectedDatagrams) throws Exception {
    List<Integer> read = new ArrayList<>();
    int datagrams =
        over(kernel)
            .dump(
                "dump",
                REQUEST,
                (index, message) -> {
                  AttributeReader in = message.body();
                  while (in.next()) {
                    read.add(in.u8());
                  }
                  in.check("dump");
                });
    assertThat(datagrams).isEqualTo(expectedDatagrams);
    return read;
  }

  @Test
  void readsDumpsOfSeveralParts() throws Exception {
    FakeTransport kernel =
        FakeTransport.answering(
            join(part(1, 0, "0500 0100 01000000"), part(1, 0, "0500 0100 02000000")),
            part(1, 0, "0500 0100 03000000"),
            done(1, "00000000"));

    assertThat(dump(kernel, 2)).containsExactly(1, 2, 3);
    assertThat(kernel.sent())
        .containsExactly(hex("18000000 2100 0103 01000000 00000000 0500 0100 ab000000"));
  }

  @Test
  void readsDumpsOfNothing() throws Exception {
    assertThat(dump(FakeTransport.answering(done(1, "00000000")), 0)).isEmpty();
  }

  @Test
  void tellsOfInterruptedDumps() {
    FakeTransport kernel =
        FakeTransport.answering(
            part(1, Netlink.FLAG_DUMP_INTERRUPTED, "0500 0100 01000000"), done(1, "00000000"));

    assertThatThrownBy(() -> dump(kernel, 0)).isInstanceOf(NetlinkDumpInterruptedException.class);
  }

  @Test
  void tellsOfASocketThatIsAtAnotherDump() {
    assertThatThrownBy(() -> dump(FakeTransport.answering(error(1, 16)), 0))
        .isInstanceOf(NetlinkBusyException.class)
        .hasMessage("dump: EBUSY");
  }

  @Test
  void tellsOfADumpThatFailsAtItsEnd() {
    FakeTransport kernel =
        FakeTransport.answering(part(1, 0, "0500 0100 01000000"), done(1, "f4ffffff"));

    assertThatThrownBy(() -> dump(kernel, 0)).hasMessage("dump: ENOMEM");
  }

  @Test
  void readsADumpToItsEndBeforeItTellsOfDamage() throws Exception {
    FakeTransport kernel =
        FakeTransport.answering(part(1, 0, "0900 0100 01000000"), done(1, "00000000"));

    assertThatThrownBy(() -> dump(kernel, 0))
        .hasMessage("dump: attribute of length 9 where 8 bytes are left");
    assertThat(kernel.receive(Duration.ZERO)).as("nothing is left to read").isNull();
  }

  @Test
  void refusesMessagesThatAreCut() {
    byte[] cut = hex("20000000 2100 0200 01000000 00000000");

    assertThatThrownBy(() -> dump(FakeTransport.answering((Object) cut), 0))
        .hasMessage("read message: length 32 where 16 bytes are left");
  }

  @Test
  void closesItsTransport() {
    FakeTransport kernel = FakeTransport.answering();
    over(kernel).close();
    assertThat(kernel.closed()).isTrue();
  }
}
