package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.portal.core.model.HealthCheck;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the targets of routes with an endpoint, in turn with an interval, whether they are alive.
 * They are asked as requests would reach them, over TLS and HTTP/2 where they speak it.
 */
final class HealthChecks implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HealthChecks.class);

  /** How many targets are asked at once: each costs a descriptor. */
  private static final int AT_ONCE = 1024;

  private final Shared shared;
  private final EventLoop loop;
  private final Dialer dialer;
  private final Future<?> timer;

  /** Those whose answer is to come; the event loop only. */
  private final Set<Target> asked = new HashSet<>();

  /** Of those, the ones that are not asked yet. */
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  private int running;

  HealthChecks(Shared shared, EventLoop loop, Dialer dialer, Duration interval) {
    this.shared = shared;
    this.loop = loop;
    this.dialer = dialer;
    timer =
        loop.scheduleAtFixedRate(
            this::round, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    for (ServedRoute route : shared.table().routes()) {
      HealthCheck check = route.route().health();
      if (check.enabled()) {
        for (Target target : route.targets()) {
          if (asked.add(target)) {
            waiting.add(() -> ask(check, target, 1));
          }
        }
      }
    }
    askWaiting();
  }

  private void askWaiting() {
    while (running < AT_ONCE && !waiting.isEmpty()) {
      running++;
      waiting.remove().run();
    }
  }

  private void ask(HealthCheck check, Target target, int attempt) {
    long millis = check.timeout().toMillis();
    Promise<Boolean> alive = loop.newPromise();
    Future<?> deadline =
        loop.schedule(() -> alive.trySuccess(false), millis, TimeUnit.MILLISECONDS);
    alive.addListener(
        done -> {
          deadline.cancel(false);
          verdict(check, target, attempt, alive.getNow());
        });
    dialer
        .dial(loop, target.place(), true, check.timeout())
        .addListener(
            (Future<Channel> dialled) -> {
              if (dialled.isSuccess()) {
                ask(new HealthQuestion(check, target, alive), check, target, dialled.getNow());
                alive.addListener(known -> dialled.getNow().close());
              } else {
                alive.trySuccess(false);
              }
            });
  }

  private static void ask(
      HealthQuestion question, HealthCheck check, Target target, Channel connection) {
    if (Dialer.second(target.place(), connection)) {
      // What a check reads fits into the first window.
      Multiplexed.begin(connection, check.timeout(), new WindowBudget(0))
          .addListener(
              (Future<Multiplexed> begun) -> {
                if (begun.isSuccess()) {
                  begun.getNow().open(question);
                }
              });
    } else {
      connection.pipeline().addLast(new HttpClientCodec(), question);
    }
  }

  private void verdict(HealthCheck check, Target target, int attempt, boolean alive) {
    if (!alive && attempt < check.attempts()) {
      ask(check, target, attempt + 1);
      return;
    }
    asked.remove(target);
    running--;
    askWaiting();
    if (target.alive() != alive) {
      log.info("target {}: {}", target.uri(), alive ? "alive again" : "not alive, taken out");
    }
    target.alive(alive);
  }

  @Override
  public void close() {
    timer.cancel(false);
  }
}
