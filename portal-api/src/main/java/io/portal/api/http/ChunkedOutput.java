package io.portal.api.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;

/**
 * Writes a body to a connection in chunks, each of them when the one before has left: what the
 * client does not read is not produced. Blocks, so it is not for an event loop.
 */
final class ChunkedOutput extends OutputStream {

  private static final int CHUNK = 32 * 1024;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final ChannelHandlerContext context;
  private final byte[] buffer = new byte[CHUNK];
  private int length;

  ChunkedOutput(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void write(int b) throws IOException {
    if (length == CHUNK) {
      send();
    }
    buffer[length++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    int from = offset;
    int left = count;
    while (left > 0) {
      if (length == CHUNK) {
        send();
      }
      int part = Math.min(left, CHUNK - length);
      System.arraycopy(bytes, from, buffer, length, part);
      length += part;
      from += part;
      left -= part;
    }
  }

  private void send() throws IOException {
    if (length > 0) {
      await(
          context.writeAndFlush(
              new DefaultHttpContent(Unpooled.wrappedBuffer(Arrays.copyOf(buffer, length)))));
      length = 0;
    }
  }

  /** Ends the body; not called when producing it failed, so that the client sees it cut off. */
  void end() throws IOException {
    send();
    await(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
  }

  private static void await(ChannelFuture written) throws IOException {
    try {
      if (!written.await(LONGEST_WAIT.toMillis())) {
        throw new IOException("the client did not read for " + LONGEST_WAIT.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing a response", e);
    }
    if (!written.isSuccess()) {
      throw new IOException("the client is gone", written.cause());
    }
  }
}
