package io.portal.api.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Answers plain HTTP on a port of TLS with 400 in plain text, where TLS could only close the
 * connection. Stands before the TLS handler, looks at a connection's first byte, and takes itself
 * out of the pipeline when that is not a letter: a TLS record begins with its type, 20 to 24 (RFC
 * 8446 5.1). The connection's event loop only.
 */
final class PlainHttpRefusal extends ChannelInboundHandlerAdapter {

  /** How long what the client still sends is read and dropped (RFC 9112 9.6). */
  private static final int LINGER_SECONDS = 5;

  private static final String TEXT = "This port speaks HTTPS, the request is plain HTTP.\n";
  private static final byte[] RESPONSE =
      ("HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: "
              + TEXT.length()
              + "\r\nconnection: close\r\n\r\n"
              + TEXT)
          .getBytes(StandardCharsets.US_ASCII);

  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof ByteBuf bytes && bytes.isReadable()) {
      if (letter(bytes.getByte(bytes.readerIndex()))) {
        bytes.release();
        refuse(ctx);
        return;
      }
      ctx.pipeline().remove(this);
    }
    ctx.fireChannelRead(message);
  }

  private static boolean letter(byte first) {
    return first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z';
  }

  private void refuse(ChannelHandlerContext ctx) {
    refused = true;
    ctx.writeAndFlush(Unpooled.wrappedBuffer(RESPONSE))
        .addListener(written -> ((DuplexChannel) ctx.channel()).shutdownOutput());
    ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }
}
