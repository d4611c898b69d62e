package io.portal.proxy.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamEvent;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/2 connection: plain requests pass as bytes, each an {@link Http2Request}; the
 * streams of all others become channels of the multiplexer behind this handler, which costs more.
 * Its event loop only.
 */
final class Http2Client extends ChannelInboundHandlerAdapter implements CoarseTimer.Timed {

  private final Shared shared;
  private final Edge edge;
  private final WirePool pool;
  private final Http2FrameCodec codec;
  private final IntObjectMap<Http2Request> requests = new IntObjectHashMap<>();

  /** Streams whose head is to come, each with the event that would make a channel of it. */
  private final IntObjectMap<Object> unborn = new IntObjectHashMap<>();

  /** Of streams whose requests are not plain. */
  private final Set<Channel> channels = new HashSet<>();

  private @Nullable ChannelHandlerContext context;
  private byte @Nullable [] about;
  private int lastStream;
  private boolean flushing;

  Http2Client(Shared shared, Edge edge, WirePool pool, Http2FrameCodec codec) {
    this.shared = shared;
    this.edge = edge;
    this.pool = pool;
    this.codec = codec;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2FrameStreamEvent about) {
      stream(ctx, about);
    } else if (requests.isEmpty()) {
      // The multiplexer tells the channels of all streams, and ours have none.
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (requests.isEmpty()) {
      ctx.fireChannelWritabilityChanged();
    } else if (ctx.channel().isWritable()) {
      // In place of the multiplexer, as above; our own streams are told one by one.
      new ArrayList<>(channels)
          .forEach(channel -> channel.pipeline().fireChannelWritabilityChanged());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof Http2FrameStreamException failed)) {
      if (!(cause instanceof Http2Exception)) {
        ctx.close();
      }
      // The codec itself ends a connection whose client breaks the rules, and says why.
      return;
    }
    int id = failed.stream().id();
    Http2Request request = requests.get(id);
    if (request != null) {
      request.failed(failed.error());
    } else if (unborn.remove(id) != null) {
      // Its head was refused already: no channel will be there to say so.
      write(new DefaultHttp2ResetFrame(failed.error()).stream(failed.stream()));
      flushSoon();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  /** A stream whose request is not plain. */
  void add(Channel channel) {
    channels.add(channel);
    channel.closeFuture().addListener(closed -> channels.remove(channel));
  }

  private void stream(ChannelHandlerContext ctx, Http2FrameStreamEvent event) {
    int id = event.stream().id();
    Http2Request request = requests.get(id);
    boolean closed = event.stream().state() == Http2Stream.State.CLOSED;
    if (request != null) {
      if (closed) {
        requests.remove(id);
        request.gone();
      } else if (event.type() == Http2FrameStreamEvent.Type.Writability) {
        request.writabilityChanged();
      }
    } else if (id > lastStream && (id & 1) == 1) {
      lastStream = id;
      unborn.put(id, event);
    } else if (!closed || unborn.remove(id) == null) {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof Http2StreamFrame frame)) {
      ctx.fireChannelRead(message);
      return;
    }
    int id = frame.stream().id();
    Http2Request request = requests.get(id);
    if (request == null) {
      Object event = unborn.remove(id);
      if (event != null && !(message instanceof Http2HeadersFrame head && plain(head))) {
        ctx.fireUserEventTriggered(event);
        ctx.fireChannelRead(message);
      } else if (event == null) {
        ctx.fireChannelRead(message);
      }
    } else if (message instanceof Http2DataFrame data) {
      request.data(data);
    } else if (message instanceof Http2HeadersFrame) {
      request.trailers();
    } else if (message instanceof Http2ResetFrame) {
      request.gone();
    } else {
      io.netty.util.ReferenceCountUtil.release(message);
    }
  }

  /** Starts a plain request; false if it is none. */
  private boolean plain(Http2HeadersFrame frame) {
    Http2Head head =
        Http2Head.of(frame.headers(), frame.isEndStream(), shared.limits().uri(), shared.options());
    if (head == null) {
      return false;
    }
    ServingTable table = shared.table();
    ServedRoute route = table.tree().match(head.guard().host(), head.guard().path());
    Http2FrameStream stream = frame.stream();
    if (route == null || !route.wire() || stream == null) {
      return false;
    }
    Http2Request request = new Http2Request(this, stream, head, table, route);
    requests.put(stream.id(), request);
    request.start();
    return true;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    requests.values().forEach(Http2Request::flushTarget);
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    new ArrayList<>(requests.values()).forEach(Http2Request::gone);
    requests.clear();
    ctx.fireChannelInactive();
  }

  @Override
  public void tick(long nanoTime) {
    new ArrayList<>(requests.values()).forEach(request -> request.tick(nanoTime));
  }

  ChannelFuture write(Object frame) {
    return context().write(frame);
  }

  /** Flushes once for all that is written until the loop has served its events. */
  void flushSoon() {
    if (!flushing) {
      flushing = true;
      context().executor().execute(this::flush);
    }
  }

  private void flush() {
    flushing = false;
    context().flush();
  }

  boolean writable(Http2FrameStream stream) {
    Http2Stream open = codec.connection().stream(stream.id());
    return open != null && codec.encoder().flowController().isWritable(open);
  }

  ByteBufAllocator alloc() {
    return context().alloc();
  }

  WirePool pool() {
    return pool;
  }

  Shared shared() {
    return shared;
  }

  byte[] about() {
    byte[] lines = about;
    if (lines == null) {
      lines = edge.about(context().channel(), shared.options().via() ? "2" : "");
      about = lines;
    }
    return lines;
  }
}
