package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connections of one event loop towards targets. That event loop only. */
final class Upstreams implements CoarseTimer.Timed {

  private final EventLoop loop;
  private final Dialer dialer;
  private final Limits limits;
  private final WindowBudget windows;
  private final IdleConnections<Upstream> idle;
  private final Map<Target.Place, List<Multiplexed>> multiplexed = new HashMap<>();

  Upstreams(EventLoop loop, Dialer dialer, Limits limits, WindowBudget windows) {
    this.loop = loop;
    this.dialer = dialer;
    this.limits = limits;
    this.windows = windows;
    idle = new IdleConnections<>(limits.idle());
  }

  IdleConnections<Upstream> idle() {
    return idle;
  }

  /**
   * Opens a connection, or a stream where the target speaks HTTP/2.
   *
   * @param upgrade whether the request asks for an upgrade, which HTTP/2 has not (RFC 9113 8.6):
   *     where the target has a choice, HTTP/1.1 is spoken
   */
  Future<Upstream> open(Target.Place place, boolean upgrade) {
    Promise<Upstream> opened = loop.newPromise();
    Multiplexed shared = upgrade ? null : shared(place);
    if (shared != null) {
      stream(place, shared, opened);
      return opened;
    }
    dialer
        .dial(loop, place, !upgrade, limits.connect())
        .addListener(
            (Future<Channel> dialled) -> {
              if (!dialled.isSuccess()) {
                opened.tryFailure(dialled.cause());
              } else if (Dialer.second(place, dialled.getNow())) {
                share(place, dialled.getNow(), opened);
              } else {
                opened.trySuccess(first(place, dialled.getNow()));
              }
            });
    return opened;
  }

  private @Nullable Multiplexed shared(Target.Place place) {
    for (Multiplexed one : multiplexed.getOrDefault(place, List.of())) {
      if (one.takesMore()) {
        return one;
      }
    }
    return null;
  }

  /** Shares a new connection, unless another that takes more was made at the same time. */
  private void share(Target.Place place, Channel channel, Promise<Upstream> opened) {
    Multiplexed.begin(channel, limits.connect(), windows)
        .addListener(
            (Future<Multiplexed> begun) -> {
              Multiplexed other = shared(place);
              if (other != null) {
                channel.close();
                stream(place, other, opened);
              } else if (begun.isSuccess()) {
                Multiplexed mine = begun.getNow();
                multiplexed.computeIfAbsent(place, p -> new ArrayList<>()).add(mine);
                channel.closeFuture().addListener(closed -> forget(place, mine));
                stream(place, mine, opened);
              } else {
                opened.tryFailure(begun.cause());
              }
            });
  }

  private void forget(Target.Place place, Multiplexed gone) {
    List<Multiplexed> left = multiplexed.get(place);
    if (left != null && left.remove(gone) && left.isEmpty()) {
      multiplexed.remove(place);
    }
  }

  private Upstream first(Target.Place place, Channel channel) {
    TargetCodec codec = new TargetCodec(limits);
    Upstream upstream = new Upstream(this, place, codec);
    // A target may answer and close before it read all of a request: what it said still counts.
    channel.config().setAutoClose(false);
    channel.pipeline().addLast(codec, upstream);
    return upstream;
  }

  private void stream(Target.Place place, Multiplexed shared, Promise<Upstream> opened) {
    Upstream upstream = new Upstream(this, place, shared);
    shared
        .open(upstream)
        .addListener(
            stream -> {
              if (stream.isSuccess()) {
                opened.trySuccess(upstream);
              } else {
                opened.tryFailure(stream.cause());
              }
            });
  }

  @Override
  public void tick(long nanoTime) {
    idle.tick(nanoTime);
    multiplexed.values().stream()
        .flatMap(List::stream)
        .filter(one -> one.idle(nanoTime, limits.idle()))
        .toList()
        .forEach(Multiplexed::retire);
  }
}
