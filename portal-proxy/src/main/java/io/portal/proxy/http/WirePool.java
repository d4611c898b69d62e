package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop that pass answers as bytes. That event loop only. */
final class WirePool {

  private static final int IDLE_PER_PLACE = 128;

  private final EventLoop loop;
  private final Dialer dialer;
  private final Limits limits;
  private final Map<Target.Place, Deque<WireUpstream>> idle = new HashMap<>();

  WirePool(EventLoop loop, Dialer dialer, Limits limits) {
    this.loop = loop;
    this.dialer = dialer;
    this.limits = limits;
  }

  /** An idle connection, the one used last; null if there is none. */
  @Nullable WireUpstream idle(Target.Place place) {
    Deque<WireUpstream> kept = idle.get(place);
    if (kept == null) {
      return null;
    }
    for (WireUpstream one = kept.pollLast(); one != null; one = kept.pollLast()) {
      if (one.channel().isActive()) {
        return one;
      }
    }
    return null;
  }

  void put(WireUpstream upstream) {
    Deque<WireUpstream> kept = idle.computeIfAbsent(upstream.place(), place -> new ArrayDeque<>());
    if (kept.size() >= IDLE_PER_PLACE) {
      upstream.channel().close();
    } else {
      kept.addLast(upstream);
    }
  }

  void remove(WireUpstream upstream) {
    Deque<WireUpstream> kept = idle.get(upstream.place());
    if (kept != null) {
      kept.remove(upstream);
      if (kept.isEmpty()) {
        idle.remove(upstream.place());
      }
    }
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
