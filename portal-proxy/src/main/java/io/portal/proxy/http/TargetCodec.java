package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 towards a target: Netty's codec behind {@link ResponseHead} and {@link ChunkScan}, which
 * decide what is a response and where it ends. What is refused comes out as a part of a response
 * whose decoder result failed. A byte that no request asked for closes the connection, so that no
 * later request gets it as a part of its response. Its event loop only.
 */
final class TargetCodec
    extends CombinedChannelDuplexHandler<HttpResponseDecoder, HttpRequestEncoder> {

  private enum State {
    /** No request waits for a response. */
    IDLE,
    HEAD,
    BODY,
    /** Whatever comes is not for this codec: another protocol, or behind what was refused. */
    OVER
  }

  private State state = State.IDLE;
  private boolean headRequest;
  private boolean begun;

  TargetCodec(Limits limits) {
    init(new Decoder(limits), new HttpRequestEncoder());
  }

  /** A request with this method is about to be written. */
  void asked(HttpMethod method) {
    state = State.HEAD;
    headRequest = HttpMethod.HEAD.equals(method);
    begun = false;
  }

  /** Whether a byte of the response has come, be it of a 1xx. */
  boolean begun() {
    return begun;
  }

  /** Lets Netty's decoder see only heads and chunks that everybody reads alike. */
  private final class Decoder extends HttpResponseDecoder {

    private final Limits limits;
    private ResponseHead.Framing framing = ResponseHead.Framing.NONE;
    private @Nullable ChunkScan chunks;

    /** How many of the bytes that wait to be read are known to be good. */
    private int judged;

    Decoder(Limits limits) {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(limits.head())
              .setMaxHeaderSize(limits.head()));
      this.limits = limits;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      begun |= in.isReadable();
      if (state == State.HEAD) {
        head(in, out);
      }
      if (state == State.BODY && chunks != null) {
        chunks(chunks, in, out);
      }
      if (state == State.BODY) {
        int before = in.readableBytes();
        super.decode(ctx, in, out);
        judged -= before - in.readableBytes();
        if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent) {
          ended(out);
        }
      } else if (state == State.IDLE && in.isReadable()) {
        in.skipBytes(in.readableBytes());
        ctx.close();
      }
    }

    private void head(ByteBuf in, List<Object> out) {
      ResponseHead head = ResponseHead.ofThread();
      int length = head.scan(in, limits.head());
      if (length == Head.INCOMPLETE) {
        return;
      }
      if (length > 0) {
        head.read(headRequest);
      }
      if (length < 0 || head.framing() == ResponseHead.Framing.UNCLEAR) {
        HttpResponse bad =
            new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY);
        bad.setDecoderResult(refusal(length < 0 ? String.valueOf(head.fault()) : "framing"));
        refuse(in, out, bad);
        return;
      }
      state = State.BODY;
      judged = length;
      framing = head.framing();
      chunks = framing == ResponseHead.Framing.CHUNKED ? new ChunkScan() : null;
    }

    private void chunks(ChunkScan scan, ByteBuf in, List<Object> out) {
      int fresh = in.readableBytes() - judged;
      int mine = scan.scan(in.slice(in.readerIndex() + judged, fresh));
      if (mine < 0) {
        HttpContent bad = new DefaultLastHttpContent();
        bad.setDecoderResult(refusal("chunks"));
        refuse(in, out, bad);
      } else {
        judged += mine;
      }
    }

    private void refuse(ByteBuf in, List<Object> out, Object bad) {
      state = State.OVER;
      in.skipBytes(in.readableBytes());
      out.add(bad);
    }

    private void ended(List<Object> out) {
      chunks = null;
      state = State.IDLE;
      if (out.get(0) instanceof HttpResponse head && head.status().code() < 200) {
        // The final response comes behind a 1xx; behind a 101 another protocol.
        state = head.status().code() == 101 ? State.OVER : State.HEAD;
      }
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      return framing == ResponseHead.Framing.NONE;
    }

    private static DecoderResult refusal(String fault) {
      return DecoderResult.failure(new IllegalArgumentException(fault));
    }
  }
}
