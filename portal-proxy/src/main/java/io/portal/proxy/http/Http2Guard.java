package io.portal.proxy.http;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Map;

/**
 * Resets a stream whose request is malformed (RFC 9113 8.1.1) before a codec makes something of it.
 * One stream's; its event loop only.
 */
final class Http2Guard extends ChannelInboundHandlerAdapter {

  private boolean begun;
  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!refused && message instanceof Http2HeadersFrame frame) {
      refused = begun ? !frame.isEndStream() : !wellFormed(frame.headers());
      begun = true;
      if (refused) {
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR))
            .addListener(ChannelFutureListener.CLOSE);
      }
    }
    if (refused) {
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private static boolean wellFormed(Http2Headers headers) {
    return pseudoHeaders(headers) && host(headers) && values(headers) && length(headers);
  }

  /** RFC 9113 8.3.1; of CONNECT only the form that others have, which is refused as such. */
  private static boolean pseudoHeaders(Http2Headers headers) {
    CharSequence path = headers.path();
    return Http2Head.method(headers.method())
        && Http2Head.scheme(headers.scheme())
        && path != null
        && Http2Head.visible(path)
        && (path.charAt(0) == '/' || "*".contentEquals(path))
        && !headers.contains(Http2Headers.PseudoHeaderName.PROTOCOL.value());
  }

  /** The same host everywhere it is named. */
  private static boolean host(Http2Headers headers) {
    List<CharSequence> hosts = headers.getAll("host");
    CharSequence authority = headers.authority();
    return hosts.size() <= 1
        && (hosts.isEmpty()
            || authority == null
            || authority.toString().equalsIgnoreCase(hosts.get(0).toString()));
  }

  private static boolean values(Http2Headers headers) {
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      CharSequence name = header.getKey();
      if (name.length() == 0
          || name.charAt(0) != ':' && !Http2Head.token(name)
          || !Http2Head.text(header.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean length(Http2Headers headers) {
    List<CharSequence> lengths = headers.getAll("content-length");
    return lengths.isEmpty() || lengths.size() == 1 && Http2Head.number(lengths.get(0)) >= 0;
  }
}
