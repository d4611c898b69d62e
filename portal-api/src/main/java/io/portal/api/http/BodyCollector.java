package io.portal.api.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Collects a body, and refuses one that is too large in JSON. What is still on its way then is read
 * and dropped for some seconds before the connection is closed: closing at once would reset it, and
 * the client could lose the answer (RFC 9112 section 9.6).
 */
final class BodyCollector extends HttpObjectAggregator {

  private static final int LINGER_SECONDS = 10;

  private final int most;
  private @Nullable ChannelFuture refusal;

  /** Takes bodies of up to that many bytes. */
  BodyCollector(int most) {
    super(most);
    this.most = most;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
    if (refusal == null) {
      refusal = context.writeAndFlush(refusal());
      context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    boolean last = message instanceof LastHttpContent;
    super.channelRead(context, message);
    if (last && refusal != null) {
      refusal.addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The answer to a client that asks before it sends a body, with {@code Expect}. */
  @Override
  protected Object newContinueResponse(HttpMessage start, int maxBody, ChannelPipeline pipeline) {
    Object answer = super.newContinueResponse(start, maxBody, pipeline);
    return answer instanceof HttpResponse response
            && response.status().equals(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE)
        ? refusal()
        : answer;
  }

  private FullHttpResponse refusal() {
    Response response = Errors.response(413, "Body too large: at most " + most + " bytes");
    FullHttpResponse message =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
            Unpooled.wrappedBuffer(response.body()));
    message
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, response.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, response.body().length)
        .set(HttpHeaderNames.CONNECTION, "close");
    return message;
  }

  @Override
  protected boolean closeAfterContinueResponse(Object answer) {
    // The refusal says that the connection ends.
    return answer instanceof HttpResponse response
        && response.status().equals(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
  }
}
