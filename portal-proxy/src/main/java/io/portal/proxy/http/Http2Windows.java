package io.portal.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;

/**
 * Receive windows of an HTTP/2 connection (RFC 9113 5.2). A stream begins with the 65,535 bytes of
 * RFC 9113 6.9.2; while what it is sent is passed on, its window grows fourfold each time it was
 * used up, to 4 MiB, as TCP's receive buffer does: a distant peer is not held up, and a stream
 * whose reader is slow keeps little. The connection's window is never the narrower one, so that a
 * stream that nobody reads holds up none of the others. Stands behind the codec, which it sees the
 * credit of all streams go to. Its event loop only.
 */
final class Http2Windows extends ChannelOutboundHandlerAdapter {

  private static final int FIRST = Http2CodecUtil.DEFAULT_WINDOW_SIZE;

  /** Some 4 MiB: what is on its way at 80 MB/s over 50 ms. */
  static final int LARGEST = 64 * FIRST;

  /** Credit is given when this part of a window is left, well before the sender has to wait. */
  private static final float CREDIT_AT = 0.75f;

  private static final int CONNECTION = 1 << 30;

  private final Http2Connection connection;
  private final DefaultHttp2LocalFlowController flow;
  private final Http2Connection.PropertyKey grown;
  private final WindowBudget budget;

  /** For the connection of a codec that was not used so far. */
  Http2Windows(Http2FrameCodec codec, WindowBudget budget) {
    this.budget = budget;
    connection = codec.connection();
    flow = (DefaultHttp2LocalFlowController) connection.local().flowController();
    flow.windowUpdateRatio(CREDIT_AT);
    grown = connection.newKey();
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamClosed(Http2Stream stream) {
            Integer taken = stream.removeProperty(grown);
            if (taken != null) {
              budget.giveBack(taken);
            }
          }
        });
  }

  /** The frame that opens the connection's window; to be written first. */
  static Http2WindowUpdateFrame connection() {
    return new DefaultHttp2WindowUpdateFrame(CONNECTION - FIRST);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Http2Exception {
    if (message instanceof Http2WindowUpdateFrame credit && credit.stream() != null) {
      Http2Stream stream = connection.stream(credit.stream().id());
      if (stream != null && stream.state().remoteSideOpen()) {
        grow(stream, credit.windowSizeIncrement());
      }
    }
    ctx.write(message, promise);
  }

  /** Three bytes more for each that was passed on: four times the window once it is used up. */
  private void grow(Http2Stream stream, int passedOn) throws Http2Exception {
    int room = LARGEST - flow.initialWindowSize(stream);
    int more = (int) Math.min(room, 3L * passedOn);
    if (more > 0 && budget.take(more)) {
      Integer before = stream.getProperty(grown);
      stream.setProperty(grown, (before == null ? 0 : before) + more);
      flow.incrementWindowSize(stream, more);
    }
  }
}
