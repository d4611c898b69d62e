package io.portal.proxy.l4;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes what one side of a connection sends to the other side. A side is read from only while the
 * other can be written to, so that what is held is bounded by Netty's write watermark and one read.
 * The end of one direction is passed on as such and leaves the other open; a reset is passed on as
 * a reset. Runs on the event loop that both sides share.
 */
final class TcpRelay extends ChannelInboundHandlerAdapter {

  /**
   * What arrived before there was a peer. Netty reads once, auto-read or not, when it learns that
   * the other end has sent its last byte.
   */
  private final Queue<ByteBuf> early = new ArrayDeque<>();

  private final SocketChannel self;
  private @Nullable SocketChannel peer;
  private @Nullable Assignment assignment;
  private IntConsumer count = bytes -> {};
  private boolean inputEnded;

  /** For one side of a connection that is not read from yet. */
  TcpRelay(SocketChannel self) {
    this.self = self;
  }

  /** Joins two connected channels and starts to read from both. */
  static void join(TcpRelay client, TcpRelay server, Assignment assignment) {
    client.self.closeFuture().addListener(closed -> assignment.end());
    client.start(server, assignment, assignment::received);
    server.start(client, assignment, assignment::sent);
  }

  private void start(TcpRelay other, Assignment connection, IntConsumer counter) {
    peer = other.self;
    assignment = connection;
    count = counter;
    for (ByteBuf data = early.poll(); data != null; data = early.poll()) {
      relay(data, other.self);
    }
    other.self.flush();
    if (inputEnded) {
      passEnd(other.self, connection);
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
    if (peer == null) {
      early.add(data);
    } else {
      relay(data, peer);
    }
  }

  private void relay(ByteBuf data, SocketChannel to) {
    count.accept(data.readableBytes());
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
    if (peer != null) {
      peer.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    TcpRelay other = peer == null ? null : peer.pipeline().get(TcpRelay.class);
    if (other != null && !other.inputEnded && self.isWritable()) {
      other.self.config().setAutoRead(true);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
      inputEnded = true;
      if (peer != null && assignment != null) {
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
    if (inputEnded) {
      // It ended in order, and nobody is left to read what the peer may still send.
      peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      reset(peer);
    }
  }
}
