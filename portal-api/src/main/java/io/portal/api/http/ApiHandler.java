package io.portal.api.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes whole requests off a connection, has workers answer them, and writes the answers. */
final class ApiHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

  private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);

  private final Router router;
  private final Token token;
  private final AccessLog access;
  private final Executor workers;

  ApiHandler(Router router, Token token, AccessLog access, Executor workers) {
    this.router = router;
    this.token = token;
    this.access = access;
    this.workers = workers;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
    boolean keepAlive = HttpUtil.isKeepAlive(message);
    if (message.decoderResult().isFailure()) {
      write(context, Errors.response(400, "Bad HTTP request"), false, false);
      return;
    }
    String method = message.method().name();
    boolean head = method.equals("HEAD");
    boolean chunks = message.protocolVersion().isKeepAliveDefault();
    String uri = message.uri();
    HttpHeaders headers = message.headers();
    byte[] body = ByteBufUtil.getBytes(message.content());
    SocketAddress client = context.channel().remoteAddress();
    // One request at a time on a connection, so that answers keep their order.
    context.channel().config().setAutoRead(false);
    try {
      workers.execute(
          () -> {
            Response response = answer(client, head ? "GET" : method, uri, headers, body);
            if (response.stream() != null && !head) {
              stream(context, response, keepAlive, chunks);
              return;
            }
            context
                .executor()
                .execute(
                    () -> {
                      write(context, response, keepAlive, head);
                      context.channel().config().setAutoRead(true);
                    });
          });
    } catch (RejectedExecutionException full) {
      write(context, Errors.response(503, "too many requests at once"), false, head);
    }
  }

  private Response answer(
      SocketAddress client, String method, String uri, HttpHeaders headers, byte[] body) {
    String path;
    Map<String, String> query = new LinkedHashMap<>();
    Optional<Router.Match> match;
    try {
      QueryStringDecoder decoder = new QueryStringDecoder(uri);
      path = decoder.rawPath();
      for (Map.Entry<String, List<String>> entry : decoder.parameters().entrySet()) {
        query.put(entry.getKey(), entry.getValue().get(0));
      }
      match = router.find(method, path);
    } catch (IllegalArgumentException badEscape) {
      return Errors.response(400, "Bad escape in the path or query");
    }
    boolean open = match.isPresent() && match.get().endpoint().open();
    Token.Verdict verdict =
        open ? Token.Verdict.GRANTED : token.judge(headers, query.get(Token.NAME));
    access.judged(client, method, path, verdict);
    if (verdict == Token.Verdict.REFUSED) {
      return Errors.response(401, "Unauthorized: wrong or missing " + Token.NAME)
          .header("WWW-Authenticate", "Bearer");
    }
    if (match.isEmpty()) {
      String allowed = router.allowed(method, path);
      return allowed.isEmpty()
          ? Errors.response(404, "No such path")
          : Errors.response(405, "Method not allowed: this path knows " + allowed)
              .header("Allow", allowed);
    }
    try {
      QueryNames.check(match.get().endpoint(), query);
      Request request =
          new Request(
              method, path, match.get().parameters(), query, QueryNames.strict(query), body);
      Response response = match.get().endpoint().handler().handle(request);
      access.answered(client, method, path, response.status(), match.get().endpoint().changes());
      return response;
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      // An error too must not leave a client without an answer.
      Response response = Errors.of(e);
      access.failed(client, method, path, response.status(), e);
      return response;
    }
  }

  /**
   * Writes a body piece by piece, on a worker; one that fails on the way ends the connection.
   * HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
   */
  private static void stream(
      ChannelHandlerContext context, Response response, boolean wanted, boolean chunks) {
    boolean keepAlive = wanted && chunks;
    Response.Stream body = Objects.requireNonNull(response.stream());
    HttpResponse message =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()));
    message.headers().set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
    HttpUtil.setTransferEncodingChunked(message, chunks);
    HttpUtil.setKeepAlive(message, keepAlive);
    context.write(message);
    ChunkedOutput out = new ChunkedOutput(context);
    try {
      body.writeTo(out);
      out.end();
    } catch (IOException | RuntimeException e) {
      log.info("a response was cut off: {}", e.getMessage());
      context.close();
      return;
    }
    if (keepAlive) {
      context.channel().config().setAutoRead(true);
    } else {
      context.close();
    }
  }

  private static void write(
      ChannelHandlerContext context, Response response, boolean keepAlive, boolean head) {
    FullHttpResponse message =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(response.status()),
            Unpooled.wrappedBuffer(head ? new byte[0] : response.body()));
    message.headers().set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
    if (response.stream() == null) {
      message.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
    } else {
      // A HEAD: what a GET would say of its body.
      HttpUtil.setTransferEncodingChunked(message, true);
    }
    response.headers().forEach((name, value) -> message.headers().set(name, value));
    HttpUtil.setKeepAlive(message, keepAlive);
    var written = context.writeAndFlush(message);
    if (!keepAlive) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("connection of {} ended: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
