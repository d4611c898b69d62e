package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Promise;
import io.portal.core.model.HealthCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One question of a health check and its answer, of which no more is read than decides. Its event
 * loop only.
 */
final class HealthQuestion extends SimpleChannelInboundHandler<HttpObject> {

  private final HealthCheck check;
  private final Target target;
  private final Promise<Boolean> alive;
  private final byte[] expected;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private boolean asked;
  private boolean answering;

  HealthQuestion(HealthCheck check, Target target, Promise<Boolean> alive) {
    this.check = check;
    this.target = target;
    this.alive = alive;
    expected = check.expectedBody().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      ask(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ask(ctx);
  }

  private void ask(ChannelHandlerContext ctx) {
    if (!asked) {
      asked = true;
      ctx.writeAndFlush(request());
    }
  }

  private FullHttpRequest request() {
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
    return request;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) throws IOException {
    if (message.decoderResult().isFailure()) {
      alive.trySuccess(false);
      return;
    }
    if (message instanceof HttpResponse answer) {
      head(answer);
    }
    if (answering && message instanceof HttpContent content) {
      ByteBuf part = content.content();
      part.readBytes(body, part.readableBytes());
      if (message instanceof LastHttpContent) {
        alive.trySuccess(Arrays.equals(body.toByteArray(), expected));
      } else if (body.size() > expected.length) {
        alive.trySuccess(false);
      }
    }
  }

  private void head(HttpResponse answer) {
    int code = answer.status().code();
    if (code != check.expectedCode()) {
      if (code >= 200) {
        alive.trySuccess(false);
      }
    } else if (!hasHeader(answer)) {
      alive.trySuccess(false);
    } else if (expected.length == 0) {
      alive.trySuccess(true);
    } else {
      answering = true;
    }
  }

  private boolean hasHeader(HttpResponse answer) {
    String header = check.expectedHeader();
    int colon = header.indexOf(':');
    return colon < 0
        || answer
            .headers()
            .getAll(header.substring(0, colon).strip())
            .contains(header.substring(colon + 1).strip());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    alive.trySuccess(false);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
