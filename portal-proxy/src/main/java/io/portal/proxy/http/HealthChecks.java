package io.portal.proxy.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.portal.core.model.HealthCheck;
import io.portal.proxy.internal.Transports;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the targets of routes with an endpoint, in turn with an interval, whether they are alive.
 */
final class HealthChecks implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HealthChecks.class);
  private static final int LARGEST_BODY = 1024 * 1024;

  private final Shared shared;
  private final EventLoop loop;
  private final SslContext tls;
  private final Future<?> timer;

  HealthChecks(Shared shared, EventLoop loop, SslContext tls, Duration interval) {
    this.shared = shared;
    this.loop = loop;
    this.tls = tls;
    timer =
        loop.scheduleAtFixedRate(
            this::round, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void round() {
    for (ServedRoute route : shared.table().routes()) {
      HealthCheck check = route.route().health();
      if (check.enabled()) {
        for (Target target : route.targets()) {
          ask(check, target, 1);
        }
      }
    }
  }

  private void ask(HealthCheck check, Target target, int attempt) {
    Target.Place place = target.place();
    new Bootstrap()
        .group(loop)
        .channel(Transports.socket())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) check.timeout().toMillis())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (place.protocol() == Target.Protocol.HTTPS) {
                  channel
                      .pipeline()
                      .addLast(tls.newHandler(channel.alloc(), place.host(), place.port()));
                }
                channel
                    .pipeline()
                    .addLast(
                        new ReadTimeoutHandler(check.timeout().toMillis(), TimeUnit.MILLISECONDS),
                        new HttpClientCodec(),
                        new HttpObjectAggregator(LARGEST_BODY),
                        new Question(check, target, attempt));
              }
            })
        .connect(place.host(), place.port())
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                verdict(check, target, attempt, false);
              }
            });
  }

  private void verdict(HealthCheck check, Target target, int attempt, boolean alive) {
    if (!alive && attempt < check.attempts()) {
      ask(check, target, attempt + 1);
      return;
    }
    if (target.alive() != alive) {
      log.info("target {}: {}", target.uri(), alive ? "alive again" : "not alive, taken out");
    }
    target.alive(alive);
  }

  /** Whether everything that the check names is there. */
  static boolean asExpected(HealthCheck check, FullHttpResponse answer) {
    int colon = check.expectedHeader().indexOf(':');
    return answer.status().code() == check.expectedCode()
        && (check.expectedBody().isEmpty()
            || answer.content().toString(StandardCharsets.UTF_8).equals(check.expectedBody()))
        && (colon < 0
            || answer
                .headers()
                .getAll(check.expectedHeader().substring(0, colon).strip())
                .contains(check.expectedHeader().substring(colon + 1).strip()));
  }

  @Override
  public void close() {
    timer.cancel(false);
  }

  /** One question and its answer. */
  private final class Question extends SimpleChannelInboundHandler<FullHttpResponse> {

    private final HealthCheck check;
    private final Target target;
    private final int attempt;
    private boolean alive;

    Question(HealthCheck check, Target target, int attempt) {
      this.check = check;
      this.target = target;
      this.attempt = attempt;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      String endpoint = check.endpoint();
      FullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              HttpMethod.GET,
              endpoint.startsWith("/") ? endpoint : "/" + endpoint);
      request
          .headers()
          .set(
              HttpHeaderNames.HOST,
              check.host().isEmpty() ? target.uri().getRawAuthority() : check.host())
          .set(HttpHeaderNames.USER_AGENT, "portal-health")
          .set(HttpHeaderNames.CONNECTION, "close");
      ctx.writeAndFlush(request);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse answer) {
      alive = asExpected(check, answer);
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      verdict(check, target, attempt, alive);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
