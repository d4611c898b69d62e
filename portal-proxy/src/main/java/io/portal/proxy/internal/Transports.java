package io.portal.proxy.internal;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Which event loops and channels there are on this host: epoll where it loads, else NIO. */
public final class Transports {

  private static final boolean EPOLL = Epoll.isAvailable();

  private Transports() {}

  /**
   * Starts event loops on daemon threads.
   *
   * @param name of the threads
   * @param threads how many; 0 for Netty's default, twice the processors
   */
  public static EventLoopGroup loops(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads,
        new DefaultThreadFactory(name, true),
        EPOLL ? SteadyEpoll.factory() : NioIoHandler.newFactory());
  }

  /** The channel that listens. */
  public static Class<? extends ServerSocketChannel> server() {
    return EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** The channel of a connection. */
  public static Class<? extends SocketChannel> socket() {
    return EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
  }
}
