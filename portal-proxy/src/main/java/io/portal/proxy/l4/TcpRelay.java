package io.portal.proxy.l4;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes what one side of a connection sends to the other side. A side is read from only while the
 * other can be written to, so that what is held is bounded by Netty's write watermark and one read.
 * The end of one direction is passed on as such and leaves the other open; a reset is passed on as
 * a reset. When much has passed, a {@link SpliceRelay} goes on with the connection. Runs on the
 * event loop that both sides share.
 */
final class TcpRelay extends ChannelInboundHandlerAdapter {

  /**
   * What arrived while there was no peer, or while the sockets leave. Netty reads once, auto-read
   * or not, when it learns that the other end has sent its last byte.
   */
  private final Queue<ByteBuf> early = new ArrayDeque<>();

  /** What a {@link SpliceRelay} takes over of one side. */
  record Half(EpollSocketChannel channel, Queue<ByteBuf> early, IntConsumer count) {}

  private final SocketChannel self;
  private @Nullable SocketChannel peer;
  private @Nullable TcpRelay other;
  private @Nullable Assignment assignment;
  private final long spliceAfter;
  private IntConsumer count = bytes -> {};
  private long untilSplice;
  private boolean inputEnded;

  /** Waits until the peer has got everything, to try whether splicing can begin. */
  private boolean draining;

  /** The sockets are about to be taken from Netty. */
  private boolean leaving;

  /**
   * For one side of a connection that is not read from yet.
   *
   * @param spliceAfter bytes to relay before the kernel is to go on with it
   */
  TcpRelay(SocketChannel self, long spliceAfter) {
    this.self = self;
    this.spliceAfter = spliceAfter;
    this.untilSplice = spliceAfter;
  }

  /** Joins two connected channels and starts to read from both. */
  static void join(TcpRelay client, TcpRelay server, Assignment assignment) {
    client.self.closeFuture().addListener(closed -> assignment.end());
    client.start(server, assignment, assignment::received);
    server.start(client, assignment, assignment::sent);
  }

  private void start(TcpRelay to, Assignment connection, IntConsumer counter) {
    other = to;
    peer = to.self;
    assignment = connection;
    count = counter;
    for (ByteBuf data = early.poll(); data != null; data = early.poll()) {
      relay(data, to.self);
    }
    to.self.flush();
    if (inputEnded) {
      passEnd(to.self, connection);
    } else {
      self.config().setAutoRead(true);
    }
  }

  /** Closes a channel with a reset instead of an orderly end. */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (RuntimeException alreadyGone) {
        // The other end was faster; closing is all that is left to do.
      }
      channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (peer == null || leaving) {
      early.add(data);
    } else {
      relay(data, peer);
    }
  }

  private void relay(ByteBuf data, SocketChannel to) {
    count.accept(data.readableBytes());
    untilSplice -= data.readableBytes();
    to.write(data, to.voidPromise());
    if (!to.isWritable()) {
      to.flush();
      if (!to.isWritable()) {
        self.config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (peer != null && !leaving) {
      peer.flush();
      if (untilSplice <= 0 && !draining && !inputEnded && other != null) {
        drain(other);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (other != null && self.isWritable()) {
      other.resume();
    }
  }

  private void resume() {
    if (!inputEnded && !draining && !leaving) {
      self.config().setAutoRead(true);
    }
  }

  private void drain(TcpRelay to) {
    draining = true;
    self.config().setAutoRead(false);
    to.self
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            drained -> {
              draining = false;
              if (drained.isSuccess() && !leaving && !splice(to)) {
                untilSplice = spliceAfter;
                resume();
              }
            });
  }

  /** Hands the connection to the kernel, if nothing is under way in this process. */
  private boolean splice(TcpRelay to) {
    if (!(self instanceof EpollSocketChannel one)
        || !(to.self instanceof EpollSocketChannel two)
        || assignment == null
        || !idle()
        || !to.idle()) {
      return false;
    }
    Optional<SpliceRelay> relay =
        SpliceRelay.between(
            new Half(one, early, count), new Half(two, to.early, to.count), assignment);
    if (relay.isEmpty()) {
      return false;
    }
    leaving = true;
    to.leaving = true;
    self.config().setAutoRead(false);
    to.self.config().setAutoRead(false);
    self.deregister()
        .addListener(
            left ->
                to.self
                    .deregister()
                    .addListener(alsoLeft -> relay.get().start(inputEnded, to.inputEnded)));
    return true;
  }

  private boolean idle() {
    ChannelOutboundBuffer pending = self.unsafe().outboundBuffer();
    return self.isActive() && !inputEnded && pending != null && pending.isEmpty();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
      inputEnded = true;
      if (peer != null && assignment != null && !leaving) {
        passEnd(peer, assignment);
      }
    }
  }

  private void passEnd(SocketChannel to, Assignment connection) {
    connection.quiet();
    // Behind everything that is still to be written.
    to.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                to.shutdownOutput().addListener(done -> closeIfBothEnded(to));
              }
            });
  }

  private void closeIfBothEnded(SocketChannel to) {
    if (self.isOutputShutdown() && to.isOutputShutdown()) {
      self.close();
      to.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    reset(self);
    if (peer != null) {
      reset(peer);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    early.forEach(ByteBuf::release);
    early.clear();
    if (peer == null) {
      return;
    }
    if (inputEnded && !leaving) {
      // It ended in order, and nobody is left to read what the peer may still send.
      peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      reset(peer);
    }
  }
}
