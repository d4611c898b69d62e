package io.portal.proxy.http;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A request's body on its way through codecs: it waits for a target, and its client waits while the
 * target takes no more. Its client's event loop only.
 */
final class RequestBody {

  private final ClientSide client;
  private final Deque<HttpContent> waiting = new ArrayDeque<>();
  private final boolean bare;
  private boolean begun;
  private boolean read;
  private boolean sent;

  /** The body behind a head, of which nothing was read. */
  RequestBody(ClientSide client, HttpRequest head) {
    this.client = client;
    bare = !HttpUtil.isTransferEncodingChunked(head) && HttpUtil.getContentLength(head, 0L) == 0;
  }

  /** Whether there is none: the head is all, and on HTTP/2 says so. */
  boolean bare() {
    return bare;
  }

  /** Whether it was read to its end. */
  boolean read() {
    return read;
  }

  /** Whether it was passed on to its end. */
  boolean sent() {
    return sent;
  }

  /** Whether it can be passed on once more: nothing of it is gone, and nothing is to come. */
  boolean repeatable() {
    return !begun && read;
  }

  /** Takes a part that nobody wants any more. */
  void refuse(HttpContent part) {
    read |= part instanceof LastHttpContent;
    ReferenceCountUtil.release(part);
  }

  /** Takes a part for which there is no target yet. */
  void keep(HttpContent part) {
    read |= part instanceof LastHttpContent;
    waiting.add(part);
    if (!read) {
      client.reading(false);
    }
  }

  /** Passes a part on. */
  void send(Upstream to, HttpContent part) {
    begun |= part.content().isReadable();
    boolean last = part instanceof LastHttpContent;
    read |= last;
    sent |= last;
    if (bare) {
      part.release();
    } else {
      to.channel().write(part);
    }
  }

  /** Passes on what was kept. */
  void sendKept(Upstream to) {
    for (HttpContent part = waiting.poll(); part != null; part = waiting.poll()) {
      send(to, part);
    }
  }

  /** Lets the client wait if the target does not take more. */
  void holdBack(Upstream to) {
    if (!to.channel().isWritable()) {
      // Unsent bytes would never become fewer: no read-complete comes while nothing is read.
      to.channel().flush();
      client.reading(to.channel().isWritable());
    }
  }

  /** Makes a {@link #repeatable} one ready for another target. */
  void again() {
    waiting.add(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  /** Forgets what was kept. */
  void release() {
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
  }
}
