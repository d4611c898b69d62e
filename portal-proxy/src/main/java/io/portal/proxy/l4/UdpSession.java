package io.portal.proxy.l4;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's datagrams to and from one server, through a socket connected to that server, so that
 * nobody else can answer and a refusal is noticed. What cannot be sent at once is dropped, as
 * networks do; an answer without content never arrives, as Netty does not tell of it. Runs on the
 * listener's event loop.
 */
final class UdpSession extends SimpleChannelInboundHandler<DatagramPacket> {

  private static final Logger log = LoggerFactory.getLogger(UdpSession.class);

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(1);

  private final UdpListener listener;
  private final Channel towardsClient;
  private final InetSocketAddress client;
  private final Assignment assignment;
  private @Nullable ChannelFuture connected;
  private long lastUse;

  UdpSession(
      UdpListener listener,
      Channel towardsClient,
      InetSocketAddress client,
      Assignment assignment) {
    this.listener = listener;
    this.towardsClient = towardsClient;
    this.client = client;
    this.assignment = assignment;
  }

  InetSocketAddress client() {
    return client;
  }

  Backend backend() {
    return assignment.backend();
  }

  /** When something last passed, in nanoseconds. */
  long lastUse() {
    return lastUse;
  }

  void used(long nanoTime) {
    lastUse = nanoTime;
  }

  void connect(Bootstrap bootstrap) {
    ChannelFuture socket = bootstrap.handler(this).connect(assignment.backend().address());
    connected = socket;
    if (socket.isDone() && !socket.isSuccess()) {
      refused(socket.cause()); // There is no socket to be had.
    } else {
      socket.channel().closeFuture().addListener(closed -> close());
    }
  }

  /** Sends a datagram on, as soon as there is a socket. */
  void send(ByteBuf content) {
    ChannelFuture socket = connected;
    if (socket == null || !socket.channel().isOpen() || !socket.channel().isWritable()) {
      content.release();
    } else if (socket.isSuccess()) {
      write(socket.channel(), content);
    } else {
      socket.addListener(
          done -> {
            if (done.isSuccess()) {
              write(socket.channel(), content);
            } else {
              content.release();
              close();
            }
          });
    }
  }

  private void write(Channel socket, ByteBuf content) {
    assignment.received(content.readableBytes());
    assignment.receivedPacket();
    if (!content.isReadable()) {
      content.release();
      sendEmpty(socket);
      return;
    }
    socket
        .writeAndFlush(content)
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                refused(sent.cause());
              }
            });
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket answer) {
    listener.answered(this);
    if (towardsClient.isWritable()) {
      assignment.sent(answer.content().readableBytes());
      assignment.sentPacket();
      towardsClient.write(new DatagramPacket(answer.content().retain(), client));
    }
  }

  /**
   * Sends a datagram without content, which some protocols ask with (RFC 868) and Netty leaves out.
   * Needs a native socket; over NIO it is dropped.
   */
  private void sendEmpty(Channel socket) {
    if (socket instanceof UnixChannel unix) {
      try {
        unix.fd().write(NOTHING, 0, 0);
      } catch (IOException error) {
        refused(error);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    towardsClient.flush();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    refused(cause);
  }

  /** The client's next datagram finds a server anew. */
  private void refused(@Nullable Throwable cause) {
    log.debug("server {} does not take datagrams", assignment.backend(), cause);
    close();
  }

  /** Ends the session, once. */
  void close() {
    listener.ended(this);
    assignment.end();
    if (connected != null && connected.channel().isOpen()) {
      connected.channel().close();
    }
  }
}
