package io.portal.proxy.l4;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, from its server being picked to its end. A server that does not accept
 * is replaced once, by whatever the scheduler picks without it; a client that gets no server is
 * reset. Runs on the client channel's event loop; {@link #reset} may be called from anywhere.
 */
final class TcpConnection {

  private static final Logger log = LoggerFactory.getLogger(TcpConnection.class);

  private final SocketChannel client;
  private final VirtualService service;
  private final Transport transport;
  private final UserspaceOptions options;
  private final TcpRelay clientRelay;
  private @Nullable Channel upstream;

  TcpConnection(
      SocketChannel client, VirtualService service, Transport transport, UserspaceOptions options) {
    this.client = client;
    this.service = service;
    this.transport = transport;
    this.options = options;
    this.clientRelay = new TcpRelay(client, options.spliceAfter());
  }

  /** Looks for a server; the client is not read from before there is one. */
  void start() {
    client.pipeline().addLast(clientRelay);
    InetSocketAddress from = client.remoteAddress();
    if (from == null) {
      client.close(); // Gone before it was accepted.
      return;
    }
    Flow flow = new Flow(from.getAddress(), Objects.requireNonNull(service.id().host()), null);
    Assignment assignment = service.assign(flow);
    if (assignment == null) {
      log.debug("{}: no server takes a connection from {}", service.id(), from);
      reset();
    } else {
      connect(assignment, true);
    }
  }

  private void connect(Assignment assignment, boolean mayTryAnother) {
    ChannelFuture connected =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(transport.socket())
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(options.connectTimeout().toMillis()))
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(assignment.backend().address());
    upstream = connected.channel();
    // Without a socket to be had the future is not of the event loop.
    connected.addListener(
        done -> {
          if (client.eventLoop().inEventLoop()) {
            answered(connected, assignment, mayTryAnother);
          } else {
            client.eventLoop().execute(() -> answered(connected, assignment, mayTryAnother));
          }
        });
  }

  private void answered(ChannelFuture connected, Assignment assignment, boolean mayTryAnother) {
    if (!client.isOpen()) {
      assignment.end();
      if (connected.isSuccess()) {
        connected.channel().close();
      }
    } else if (connected.isSuccess()) {
      SocketChannel server = (SocketChannel) connected.channel();
      TcpRelay serverRelay = new TcpRelay(server, options.spliceAfter());
      server.pipeline().addLast(serverRelay);
      TcpRelay.join(clientRelay, serverRelay, assignment);
    } else {
      refused(assignment, connected.cause(), mayTryAnother);
    }
  }

  private void refused(Assignment assignment, @Nullable Throwable cause, boolean mayTryAnother) {
    Backend backend = assignment.backend();
    log.debug("{}: server {} did not accept", service.id(), backend, cause);
    assignment.end();
    Assignment next = mayTryAnother ? service.assign(assignment.flow().refusedBy(backend)) : null;
    if (next == null) {
      reset();
    } else {
      connect(next, false);
    }
  }

  /** Ends both sides at once, so that neither takes what it got for the whole. */
  void reset() {
    client
        .eventLoop()
        .execute(
            () -> {
              TcpRelay.reset(client);
              if (upstream != null) {
                TcpRelay.reset(upstream);
              }
            });
  }
}
