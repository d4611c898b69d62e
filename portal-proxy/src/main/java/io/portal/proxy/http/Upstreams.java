package io.portal.proxy.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.portal.proxy.internal.Transports;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop towards targets. That event loop only. */
final class Upstreams {

  private static final int IDLE_PER_PLACE = 128;

  private final EventLoop loop;
  private final SslContext tls;
  private final Limits limits;
  private final Map<Target.Place, Deque<Upstream>> idle = new HashMap<>();
  private final Map<Target.Place, Channel> multiplexed = new HashMap<>();

  Upstreams(EventLoop loop, SslContext tls, Limits limits) {
    this.loop = loop;
    this.tls = tls;
    this.limits = limits;
  }

  /** An idle connection, the one used last; null if there is none. */
  @Nullable Upstream idle(Target.Place place) {
    Deque<Upstream> kept = idle.get(place);
    if (kept == null) {
      return null;
    }
    for (Upstream upstream = kept.pollLast(); upstream != null; upstream = kept.pollLast()) {
      if (upstream.channel().isActive()) {
        return upstream;
      }
    }
    return null;
  }

  void put(Upstream upstream) {
    Deque<Upstream> kept = idle.computeIfAbsent(upstream.place(), place -> new ArrayDeque<>());
    if (kept.size() >= IDLE_PER_PLACE) {
      upstream.channel().close();
    } else {
      kept.addLast(upstream);
    }
  }

  void remove(Upstream upstream) {
    Deque<Upstream> kept = idle.get(upstream.place());
    if (kept != null) {
      kept.remove(upstream);
    }
  }

  /** Opens a connection, or a stream where the target speaks HTTP/2. */
  Future<Upstream> open(Target.Place place) {
    Promise<Upstream> opened = loop.newPromise();
    Channel parent = multiplexed.get(place);
    if (parent != null && parent.isActive()) {
      stream(place, parent, opened);
    } else {
      connect(place, opened);
    }
    return opened;
  }

  private void connect(Target.Place place, Promise<Upstream> opened) {
    new Bootstrap()
        .group(loop)
        .channel(Transports.socket())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limits.connect().toMillis())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (place.protocol() == Target.Protocol.HTTPS) {
                  channel
                      .pipeline()
                      .addLast(tls.newHandler(channel.alloc(), place.host(), place.port()));
                }
              }
            })
        .connect(place.host(), place.port())
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              if (!connected.isSuccess()) {
                opened.tryFailure(connected.cause());
                return;
              }
              Channel channel = connected.channel();
              SslHandler handshake = channel.pipeline().get(SslHandler.class);
              if (handshake == null) {
                ready(place, channel, place.protocol() == Target.Protocol.H2C, opened);
                return;
              }
              handshake
                  .handshakeFuture()
                  .addListener(
                      done -> {
                        if (done.isSuccess()) {
                          boolean second =
                              ApplicationProtocolNames.HTTP_2.equals(
                                  handshake.applicationProtocol());
                          ready(place, channel, second, opened);
                        } else {
                          opened.tryFailure(done.cause());
                        }
                      });
            });
  }

  private void ready(
      Target.Place place, Channel channel, boolean second, Promise<Upstream> opened) {
    if (second) {
      channel
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forClient().build(),
              new Http2MultiplexHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel pushed) {
                      pushed.close();
                    }
                  }));
      multiplexed.put(place, channel);
      channel.closeFuture().addListener(closed -> multiplexed.remove(place, channel));
      stream(place, channel, opened);
      return;
    }
    Upstream upstream = new Upstream(this, place, channel, false);
    channel
        .pipeline()
        .addLast(
            new HttpClientCodec(
                new HttpDecoderConfig().setMaxHeaderSize(limits.head()), false, false),
            upstream);
    opened.trySuccess(upstream);
  }

  private void stream(Target.Place place, Channel parent, Promise<Upstream> opened) {
    new Http2StreamChannelBootstrap(parent)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new Http2StreamFrameToHttpObjectCodec(false),
                        new Upstream(Upstreams.this, place, channel, true));
              }
            })
        .open()
        .addListener(
            (Future<Http2StreamChannel> stream) -> {
              if (stream.isSuccess()) {
                opened.trySuccess(stream.getNow().pipeline().get(Upstream.class));
              } else {
                opened.tryFailure(stream.cause());
              }
            });
  }
}
