package io.portal.proxy.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.portal.proxy.internal.Transports;
import io.portal.proxy.tls.ServerCertificate;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** Opens connections to targets: the name, TCP, TLS. Thread-safe, never blocks. */
final class Dialer {

  private final SslContext both;
  private final SslContext first;
  private final Names names;

  /**
   * A dialer of its own trust.
   *
   * @param trustAll whether certificates are taken unchecked; else the JDK's trust store decides
   * @throws SSLException if there is no TLS with these settings
   */
  Dialer(boolean trustAll, Names names) throws SSLException {
    this.names = names;
    both = context(trustAll, true);
    first = context(trustAll, false);
  }

  private static SslContext context(boolean trustAll, boolean second) throws SSLException {
    SslContextBuilder client =
        SslContextBuilder.forClient()
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK);
    if (second) {
      client.applicationProtocolConfig(ServerCertificate.ALPN);
    }
    if (trustAll) {
      client.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm("");
    } else {
      client.endpointIdentificationAlgorithm("HTTPS");
    }
    return client.build();
  }

  /** What all connections have in common; whoever uses it adds handlers and where to connect. */
  Bootstrap bootstrap(EventLoop loop, Duration limit) {
    return new Bootstrap()
        .group(loop)
        .channel(Transports.socket())
        .resolver(names)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limit.toMillis());
  }

  /**
   * Opens a connection on which a request may be sent.
   *
   * @param second whether it may become HTTP/2 where the target has a choice
   * @param limit how long connecting may take, and then how long the handshake
   */
  Future<Channel> dial(EventLoop loop, Target.Place place, boolean second, Duration limit) {
    Promise<Channel> dialled = loop.newPromise();
    bootstrap(loop, limit)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (place.protocol() == Target.Protocol.HTTPS) {
                  SslContext tls = second ? both : first;
                  SslHandler handler = tls.newHandler(channel.alloc(), place.host(), place.port());
                  handler.setHandshakeTimeoutMillis(limit.toMillis());
                  channel.pipeline().addLast(handler);
                }
              }
            })
        .connect(place.host(), place.port())
        .addListener((ChannelFuture connected) -> connected(connected, dialled));
    return dialled;
  }

  private static void connected(ChannelFuture connected, Promise<Channel> dialled) {
    if (!connected.isSuccess()) {
      dialled.tryFailure(connected.cause());
      return;
    }
    SslHandler handler = connected.channel().pipeline().get(SslHandler.class);
    if (handler == null) {
      dialled.trySuccess(connected.channel());
      return;
    }
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (done.isSuccess()) {
                dialled.trySuccess(connected.channel());
              } else {
                dialled.tryFailure(HandshakeFault.of(done.cause()));
              }
            });
  }

  /** Whether HTTP/2 is spoken on a connection to this place. */
  static boolean second(Target.Place place, Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls == null
        ? place.protocol() == Target.Protocol.H2C
        : ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol());
  }
}
