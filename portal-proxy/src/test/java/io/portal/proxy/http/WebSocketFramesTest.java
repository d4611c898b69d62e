package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of frames as RFC 6455 5.2 and 5.7 have them. */
class WebSocketFramesTest {

  private static ByteBuf frame(int opcode, int length) {
    ByteBuf frame = Unpooled.buffer().writeByte(0x80 | opcode);
    if (length < 126) {
      frame.writeByte(length);
    } else if (length < 65_536) {
      frame.writeByte(126).writeShort(length);
    } else {
      frame.writeByte(127).writeLong(length);
    }
    return frame.writeZero(length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 70_000})
  void endWhereTheirLengthSays(int length) {
    ByteBuf first = frame(2, length);
    int end = first.readableBytes();
    ByteBuf two = Unpooled.wrappedBuffer(first, frame(1, 3));
    WebSocketFrames frames = new WebSocketFrames();
    frames.scan(two.slice(0, 1), false);
    assertThat(frames.between()).isFalse();
    assertThat(frames.scan(two.slice(1, two.readableBytes() - 1), true)).isEqualTo(end - 1);
    assertThat(frames.between()).isTrue();
    assertThat(frames.closed()).isFalse();
  }

  @Test
  void mayHaveAMask() {
    ByteBuf masked =
        Unpooled.wrappedBuffer(new byte[] {(byte) 0x81, (byte) 0x82, 1, 2, 3, 4, 5, 6});
    WebSocketFrames frames = new WebSocketFrames();
    for (int i = 0; i < 7; i++) {
      frames.scan(masked.slice(i, 1), false);
      assertThat(frames.between()).as("after %d bytes", i + 1).isFalse();
    }
    frames.scan(masked.slice(7, 1), false);
    assertThat(frames.between()).isTrue();
  }

  @Test
  void mayCloseTheConnection() {
    WebSocketFrames frames = new WebSocketFrames();
    frames.scan(frame(8, 2), false);
    assertThat(frames.closed()).isTrue();
  }
}
