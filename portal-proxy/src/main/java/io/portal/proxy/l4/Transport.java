package io.portal.proxy.l4;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.portal.proxy.internal.SteadyEpoll;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Event loops and the channel types that go with them: epoll where the host has it, else NIO. */
final class Transport implements AutoCloseable {

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final int RESELECT_MILLIS = 10;

  private final EventLoopGroup loops;
  private final boolean epoll;

  private Transport(EventLoopGroup loops, boolean epoll) {
    this.loops = loops;
    this.epoll = epoll;
  }

  /**
   * Starts event loops on daemon threads.
   *
   * @param threads how many; 0 for Netty's default, twice the processors
   * @param nativeTransport false to use NIO in any case
   */
  static Transport open(int threads, boolean nativeTransport) {
    boolean epoll = nativeTransport && Epoll.isAvailable();
    return new Transport(
        new MultiThreadIoEventLoopGroup(
            threads,
            new DefaultThreadFactory("portal-l4", true),
            epoll ? SteadyEpoll.factory() : NioIoHandler.newFactory()),
        epoll);
  }

  EventLoopGroup loops() {
    return loops;
  }

  boolean epoll() {
    return epoll;
  }

  Class<? extends ServerSocketChannel> server() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  Class<? extends SocketChannel> socket() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  Class<? extends DatagramChannel> datagram() {
    return epoll ? EpollDatagramChannel.class : NioDatagramChannel.class;
  }

  /** Closes a bound channel and waits until its address is free. */
  void unbind(Channel channel) {
    channel.close().syncUninterruptibly();
    if (!epoll) {
      // The JDK lets go of a socket only when its selector selects again.
      channel
          .eventLoop()
          .schedule(() -> {}, RESELECT_MILLIS, TimeUnit.MILLISECONDS)
          .syncUninterruptibly();
    }
  }

  /** Closes every channel and waits for the threads, a few seconds at most. */
  @Override
  public void close() {
    loops
        .shutdownGracefully(0, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
  }
}
