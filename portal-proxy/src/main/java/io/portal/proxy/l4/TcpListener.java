package io.portal.proxy.l4;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Accepts a TCP service's connections and relays each to its server. Thread-safe. */
final class TcpListener implements Listener {

  /** As many as Linux keeps by default ({@code net.core.somaxconn}). */
  private static final int BACKLOG = 4096;

  private final VirtualService service;
  private final Transport transport;
  private final UserspaceOptions options;
  private final Set<TcpConnection> connections = ConcurrentHashMap.newKeySet();
  private final Channel channel;
  private volatile boolean closed;

  /**
   * Binds and listens; blocks until that is done.
   *
   * @throws java.io.IOException unchecked, if the address cannot be bound
   */
  TcpListener(VirtualService service, Transport transport, UserspaceOptions options) {
    this.service = service;
    this.transport = transport;
    this.options = options;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(transport.loops())
            .channel(transport.server())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    accepted(client);
                  }
                })
            .bind(
                new InetSocketAddress(
                    Objects.requireNonNull(service.id().host()), (int) service.id().port()));
    channel = bound.syncUninterruptibly().channel();
  }

  private void accepted(SocketChannel client) {
    TcpConnection connection = new TcpConnection(client, service, transport, options);
    connections.add(connection);
    client.closeFuture().addListener(done -> connections.remove(connection));
    if (closed) {
      connection.reset();
    } else {
      connection.start();
    }
  }

  @Override
  public void close() {
    closed = true;
    transport.unbind(channel);
    connections.forEach(TcpConnection::reset);
  }
}
