package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/** The connections of one event loop that pass answers as bytes. That event loop only. */
final class WirePool {

  private final EventLoop loop;
  private final Dialer dialer;
  private final Limits limits;
  private final IdleConnections<WireUpstream> idle;

  WirePool(EventLoop loop, Dialer dialer, Limits limits) {
    this.loop = loop;
    this.dialer = dialer;
    this.limits = limits;
    idle = new IdleConnections<>(limits.idle());
  }

  IdleConnections<WireUpstream> idle() {
    return idle;
  }

  Future<WireUpstream> open(Target.Place place) {
    Promise<WireUpstream> opened = loop.newPromise();
    WireUpstream upstream = new WireUpstream(this, place, limits);
    dialer
        .bootstrap(loop, limits.connect())
        // A target may answer and close before it read all of a request: what it said still counts.
        .option(ChannelOption.AUTO_CLOSE, false)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(upstream);
              }
            })
        .connect(place.host(), place.port())
        .addListener(
            (ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                opened.trySuccess(upstream);
              } else {
                opened.tryFailure(connected.cause());
              }
            });
    return opened;
  }
}
