package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Receive windows of streams whose data is passed on, or is not. */
class Http2WindowsTest {

  private static final int FIRST = 65_535;
  private static final long ROOM = 1 << 30;

  private EmbeddedChannel channel;
  private Http2FrameCodec codec;

  private Http2FrameStream post(WindowBudget budget) {
    codec = Http2FrameCodecBuilder.forServer().build();
    channel = new EmbeddedChannel(codec, new Http2Windows(codec, budget));
    channel.writeOutbound(Http2Windows.connection());
    receive(RawHttp2.PREFACE);
    receive(RawHttp2.asBytes(RawHttp2.SETTINGS, 0, 0));
    byte[] head =
        RawHttp2.block(":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/");
    receive(RawHttp2.asBytes(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, head));
    for (Object message = channel.readInbound(); ; message = channel.readInbound()) {
      if (message instanceof Http2HeadersFrame headers) {
        return headers.stream();
      }
    }
  }

  private void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
  }

  private void data(int length, boolean last) {
    for (int left = length; left > 0; left -= Math.min(left, 16_384)) {
      int part = Math.min(left, 16_384);
      int flags = last && part == left ? RawHttp2.END_STREAM : 0;
      receive(RawHttp2.asBytes(RawHttp2.DATA, flags, 1, new byte[part]));
    }
  }

  private void passOn(Http2FrameStream stream, int length) {
    channel.writeOutbound(new DefaultHttp2WindowUpdateFrame(length).stream(stream));
  }

  private int window() {
    return codec.connection().local().flowController().windowSize(codec.connection().stream(1));
  }

  @AfterEach
  void close() {
    channel.releaseInbound();
    channel.releaseOutbound();
    ReferenceCountUtil.release(channel.readInbound());
    channel.close();
  }

  @Test
  void growFourfoldWhileTheirDataIsPassedOn() {
    Http2FrameStream stream = post(new WindowBudget(ROOM));
    data(FIRST, false);
    passOn(stream, FIRST);
    assertThat(window()).isEqualTo(4 * FIRST);
    data(4 * FIRST, false);
    passOn(stream, 4 * FIRST);
    assertThat(window()).isEqualTo(16 * FIRST);
    data(16 * FIRST, false);
    passOn(stream, 16 * FIRST);
    assertThat(window()).isEqualTo(Http2Windows.LARGEST);
  }

  @Test
  void areCreditedBeforeTheSenderHasToWait() {
    Http2FrameStream stream = post(new WindowBudget(0));
    data(20_000, false);
    passOn(stream, 20_000);
    assertThat(window()).isEqualTo(FIRST);
  }

  @Test
  void stayWhenNothingIsPassedOn() {
    post(new WindowBudget(ROOM));
    data(FIRST, false);
    assertThat(window()).isZero();
  }

  @Test
  void stayWhenTheLastDataIsThere() {
    WindowBudget budget = new WindowBudget(ROOM);
    Http2FrameStream stream = post(budget);
    data(1000, true);
    passOn(stream, 1000);
    assertThat(budget.left()).isEqualTo(ROOM);
  }

  @Test
  void growNoFurtherThanAllOfThemMay() {
    WindowBudget budget = new WindowBudget(3 * FIRST);
    Http2FrameStream stream = post(budget);
    data(FIRST, false);
    passOn(stream, FIRST);
    data(4 * FIRST, false);
    passOn(stream, 4 * FIRST);
    assertThat(window()).isEqualTo(4 * FIRST);
    assertThat(budget.left()).isZero();
  }

  @Test
  void giveBackWhatTheyHadWhenTheyClose() {
    WindowBudget budget = new WindowBudget(ROOM);
    Http2FrameStream stream = post(budget);
    data(FIRST, false);
    passOn(stream, FIRST);
    assertThat(budget.left()).isEqualTo(ROOM - 3 * FIRST);
    receive(RawHttp2.asBytes(RawHttp2.RST_STREAM, 0, 1, RawHttp2.number(8)));
    assertThat(budget.left()).isEqualTo(ROOM);
  }
}
