package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What passes as bytes is what the codecs take, and both read the same in it. */
class PlainHeadTest {

  private static final String[] HEADS = {
    "GET /a/b?c=d HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nX-Y: z\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h:80\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n",
    "HEAD /x HTTP/1.1\r\nHost: [::1]:1\r\nConnection: close\r\nCookie: a=b\r\n\r\n",
    "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: h\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
  };
  private static final String BYTES = "\r\n\t :;,\u0000\u0001\u007f\u0080\u00ffaA0/.%#?@\\\"HTTP1.";

  private static final ForwardingOptions OPTIONS = ForwardingOptions.DEFAULT;

  @Test
  void isNeverWiderThanTheCodecs() {
    Random random = new Random(7);
    int plain = 0;
    for (int round = 0; round < 100_000; round++) {
      String bytes = mutated(HEADS[random.nextInt(HEADS.length)], random);
      ByteBuf in = Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1);
      RequestHead head = RequestHead.ofThread();
      int length = head.scan(in, Limits.DEFAULT);
      if (length > 0 && head.plain()) {
        RequestGuard guard = RequestGuard.of(head.authority(), head.target(), OPTIONS);
        if (guard != null) {
          plain++;
          agrees(bytes, in, head, guard);
        }
      }
      in.release();
    }
    assertThat(plain).isGreaterThan(10_000);
  }

  private static String mutated(String head, Random random) {
    StringBuilder bytes = new StringBuilder(head);
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(bytes.length());
      char b = BYTES.charAt(random.nextInt(BYTES.length()));
      switch (random.nextInt(4)) {
        case 0 -> bytes.setCharAt(at, b);
        case 1 -> bytes.insert(at, b);
        case 2 -> bytes.deleteCharAt(at);
        default -> {
          int line = bytes.indexOf("\r\n", at);
          int next = line < 0 ? -1 : bytes.indexOf("\r\n", line + 2);
          if (next > 0) {
            // A line twice.
            bytes.insert(next, bytes.substring(line, next));
          }
        }
      }
    }
    return bytes.toString();
  }

  private static void agrees(String bytes, ByteBuf in, RequestHead head, RequestGuard guard) {
    // The codec scans with the same head of this thread.
    String method = head.method();
    long contentLength = head.contentLength();
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 0; i < head.count(); i++) {
      headers.add(Map.entry(head.name(i), head.value(i)));
    }
    EmbeddedChannel channel = new EmbeddedChannel();
    EventLoop loop = channel.eventLoop();
    ConnectionTimeouts timeouts =
        new ConnectionTimeouts(
            new CoarseTimer(loop, Limits.DEFAULT, System::nanoTime), Limits.DEFAULT);
    channel.pipeline().addLast(new ServerCodec(Limits.DEFAULT, timeouts));
    channel.writeInbound(in.retainedDuplicate());
    HttpRequest request = channel.readInbound();
    assertThat(request).as(bytes).isNotNull();
    assertThat(request.decoderResult().isSuccess()).as(bytes).isTrue();
    assertThat(request.method().name()).as(bytes).isEqualTo(method);
    assertThat(RequestGuard.of(request, OPTIONS)).as(bytes).isEqualTo(guard);
    assertThat(request.headers().size()).as(bytes).isEqualTo(headers.size());
    for (Map.Entry<String, String> header : headers) {
      assertThat(request.headers().getAll(header.getKey())).as(bytes).contains(header.getValue());
    }
    assertThat(request.headers().contains("transfer-encoding")).isFalse();
    String length = request.headers().get("content-length");
    assertThat(contentLength).as(bytes).isEqualTo(length == null ? 0 : Long.parseLong(length));
    ReferenceCountUtil.release(request);
    channel.finishAndReleaseAll();
  }
}
