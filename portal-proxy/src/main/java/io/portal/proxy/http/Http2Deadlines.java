package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameLogger;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.logging.LogLevel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Resets streams of a client's HTTP/2 connection that stand still: of which no DATA was read, and
 * none could be sent for the client's window, whatever else happens on the connection. A stream
 * whose request is whole waits for its target, whose time is limited elsewhere. Stands behind the
 * codec; its event loop only.
 */
final class Http2Deadlines extends ChannelInboundHandlerAdapter implements ConnectionTimeouts.User {

  /** What is known of a stream. */
  private static final class Progress {
    private boolean moved = true;
    private long since;
  }

  /** Sees every DATA frame as it is read from, or written to, the connection. */
  static final class Frames extends Http2FrameLogger {

    private @Nullable Http2Deadlines deadlines;

    Frames() {
      super(LogLevel.TRACE, Http2Deadlines.class);
    }

    @Override
    public boolean isEnabled() {
      return false;
    }

    @Override
    public void logData(
        Direction direction,
        ChannelHandlerContext ctx,
        int stream,
        ByteBuf data,
        int padding,
        boolean endStream) {
      if (deadlines != null && (endStream || data.isReadable())) {
        deadlines.moved(stream);
      }
    }
  }

  private final Http2FrameCodec codec;
  private final Http2Connection connection;
  private final Http2Connection.PropertyKey progress;
  private final ConnectionTimeouts timeouts;
  private final long idleNanos;
  private @Nullable ChannelHandlerContext context;
  private CoarseTimer.@Nullable Timed requests;
  private boolean greeted;

  /** For the connection of a codec that was not used so far, and whose logger the frames are. */
  Http2Deadlines(Http2FrameCodec codec, Frames frames, ConnectionTimeouts timeouts, Limits limits) {
    this.codec = codec;
    this.timeouts = timeouts;
    connection = codec.connection();
    progress = connection.newKey();
    idleNanos = limits.idle().toNanos();
    frames.deadlines = this;
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamActive(Http2Stream stream) {
            if (connection.numActiveStreams() == 1) {
              timeouts.streamsBegin();
            }
          }

          @Override
          public void onStreamClosed(Http2Stream stream) {
            if (connection.numActiveStreams() == 0) {
              timeouts.idle();
            }
          }
        });
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    timeouts.user(this);
  }

  @Override
  public boolean late() {
    // Streams are reset each by itself.
    return false;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!greeted && message instanceof Http2SettingsFrame) {
      // Until here the preface had to come as fast as a head.
      greeted = true;
      timeouts.idle();
    }
    ctx.fireChannelRead(message);
  }

  /** Who else is told of the time while there are streams. */
  void requests(CoarseTimer.Timed timed) {
    requests = timed;
  }

  private void moved(int id) {
    Http2Stream stream = connection.stream(id);
    Progress known = stream == null ? null : stream.getProperty(progress);
    if (known != null) {
      known.moved = true;
    }
  }

  @Override
  public boolean awaitsTarget() {
    return false;
  }

  @Override
  public void tick(long nanoTime) {
    if (requests != null) {
      requests.tick(nanoTime);
    }
    List<Http2Stream> late = new ArrayList<>(0);
    try {
      connection.forEachActiveStream(
          stream -> {
            if (late(stream, nanoTime)) {
              late.add(stream);
            }
            return true;
          });
    } catch (Http2Exception e) {
      throw new IllegalStateException("looking at streams cannot fail", e);
    }
    ChannelHandlerContext ctx = context;
    if (ctx != null && !late.isEmpty()) {
      for (Http2Stream stream : late) {
        codec.resetStream(
            codecContext(ctx), stream.id(), Http2Error.CANCEL.code(), ctx.newPromise());
      }
      ctx.flush();
    }
  }

  private ChannelHandlerContext codecContext(ChannelHandlerContext ctx) {
    return ctx.pipeline().context(codec);
  }

  private boolean late(Http2Stream stream, long nanoTime) {
    Progress known = stream.getProperty(progress);
    if (known == null) {
      known = new Progress();
      stream.setProperty(progress, known);
    }
    boolean awaitsTarget = !stream.state().remoteSideOpen() && !stream.isHeadersSent();
    if (known.moved || awaitsTarget) {
      known.moved = false;
      known.since = nanoTime;
      return false;
    }
    return nanoTime - known.since >= idleNanos;
  }
}
