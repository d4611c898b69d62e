package io.portal.api.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A small HTTP/1.1 server for the API. Event loops only move bytes; handlers run on a pool of their
 * own and may block. Thread-safe.
 */
public final class ApiServer implements AutoCloseable {

  private static final int WORKERS = 64;
  private static final int WAITING = 1024;
  private static final Duration IDLE = Duration.ofSeconds(120);

  private final EventLoopGroup loops;
  private final ThreadPoolExecutor workers;
  private final Channel listener;

  private ApiServer(EventLoopGroup loops, ThreadPoolExecutor workers, Channel listener) {
    this.loops = loops;
    this.workers = workers;
    this.listener = listener;
  }

  /**
   * Listens.
   *
   * @param tls with which certificate; empty for plain HTTP
   * @param maxBody the largest body in bytes; what is larger is answered 413
   * @throws IOException if the address cannot be bound
   */
  public static ApiServer start(
      InetSocketAddress address, Optional<SslContext> tls, Router router, Token token, int maxBody)
      throws IOException {
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            WORKERS,
            WORKERS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "portal-api");
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
    AccessLog access = new AccessLog(System::nanoTime);
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    ChannelPipeline pipeline = channel.pipeline();
                    tls.ifPresent(
                        context ->
                            pipeline.addLast(
                                new PlainHttpRefusal(), context.newHandler(channel.alloc())));
                    pipeline.addLast(
                        new ReadTimeoutHandler(IDLE.toSeconds(), TimeUnit.SECONDS),
                        new HttpServerCodec(),
                        new BodyCollector(maxBody),
                        new FlowControlHandler(),
                        new ApiHandler(router, token, access, workers));
                  }
                });
    try {
      return new ApiServer(loops, workers, bootstrap.bind(address).sync().channel());
    } catch (Exception e) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      workers.shutdownNow();
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw new IOException("API: interrupted before it listens on " + address, e);
      }
      // Netty throws the checked exception of the bind unchecked.
      throw new IOException("API: cannot listen on " + address + ": " + e.getMessage(), e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Stops listening, lets requests that run finish for some seconds, closes. */
  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(10, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
    loops.shutdownGracefully(50, 2000, TimeUnit.MILLISECONDS).syncUninterruptibly();
  }
}
