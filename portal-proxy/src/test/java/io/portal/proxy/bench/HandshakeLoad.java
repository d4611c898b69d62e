package io.portal.proxy.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Full TLS 1.3 handshakes and nothing else, some at a time, by one thread with BoringSSL: a client
 * that costs less than what it measures. It keeps no sessions, so that none can resume.
 */
record HandshakeLoad() implements Load {

  private static final int AT_A_TIME = 16;
  private static final int PATIENCE_SECONDS = 10;

  @Override
  public long[] run(Contender proxy, Duration time) throws Exception {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      return new Run(proxy, System.nanoTime() + time.toNanos(), loop).await(time);
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  /** One run; all but its end belongs to the event loop. */
  private static final class Run {

    private final Contender proxy;
    private final long until;
    private final Bootstrap bootstrap;
    private final LongStream.Builder micros = LongStream.builder();
    private final CompletableFuture<long[]> done = new CompletableFuture<>();
    private int open = AT_A_TIME;

    Run(Contender proxy, long until, EventLoopGroup loop) throws Exception {
      this.proxy = proxy;
      this.until = until;
      SslContext tls =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.OPENSSL)
              .protocols("TLSv1.3")
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .endpointIdentificationAlgorithm("")
              .build();
      bootstrap =
          new Bootstrap()
              .group(loop)
              .channel(EpollSocketChannel.class)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      int host = ThreadLocalRandom.current().nextInt(proxy.setup().certs());
                      SslHandler handler =
                          tls.newHandler(channel.alloc(), Setup.host(host), proxy.tls());
                      handler.setHandshakeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
                      channel.pipeline().addLast(handler);
                      long start = System.nanoTime();
                      handler.handshakeFuture().addListener(f -> shaken(channel, start, f));
                    }
                  });
      loop.execute(
          () -> {
            for (int i = 0; i < AT_A_TIME; i++) {
              next();
            }
          });
    }

    long[] await(Duration time) throws Exception {
      try {
        return done.get(time.toSeconds() + 2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (java.util.concurrent.ExecutionException e) {
        throw new CompletionException(e.getCause());
      }
    }

    private void next() {
      if (System.nanoTime() < until) {
        bootstrap
            .connect("127.0.0.1", proxy.tls())
            .addListener(
                connected -> {
                  if (!connected.isSuccess()) {
                    done.completeExceptionally(connected.cause());
                  }
                });
      } else if (--open == 0) {
        done.complete(micros.build().toArray());
      }
    }

    private void shaken(Channel channel, long start, Future<? super Channel> handshake) {
      if (!handshake.isSuccess()) {
        done.completeExceptionally(handshake.cause());
        return;
      }
      micros.add((System.nanoTime() - start) / 1000);
      channel.close().addListener(closed -> next());
    }
  }
}
