package io.portal.proxy.l4;

import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.function.IntConsumer;

/**
 * One direction of a spliced connection: from a socket through a pipe to a socket, by splice(2), so
 * that no byte is copied into this process. Not thread-safe.
 */
final class SplicePipe {

  /** What a pipe holds by default, pipe(7); asking for more does no harm. */
  private static final int CAPACITY = 1 << 16;

  /** Bytes passed before the other connections of the event loop get their turn. */
  private static final int TURN = 1 << 20;

  private final FileDescriptor readEnd;
  private final FileDescriptor writeEnd;
  private int held;
  private boolean sourceEnded;
  private boolean passedEnd;

  /**
   * Opens the pipe.
   *
   * @throws IOException if there are too many open files
   */
  SplicePipe() throws IOException {
    FileDescriptor[] pipe = FileDescriptor.pipe();
    readEnd = pipe[0];
    writeEnd = pipe[1];
  }

  /** Tells that the source will send no more than what it has sent. */
  void sourceEnded() {
    sourceEnded = true;
  }

  /** Whether everything, the end too, was passed on. */
  boolean done() {
    return passedEnd;
  }

  /**
   * Passes on what there is, until a socket has to be waited for or the turn is over.
   *
   * @param first what was read before splicing began; emptied as it is sent
   * @param count is told how many bytes were sent
   * @return whether to go on without waiting
   * @throws IOException if a socket was reset
   */
  boolean pump(Socket from, Socket to, Queue<ByteBuf> first, IntConsumer count) throws IOException {
    if (!sendFirst(to, first, count)) {
      return false;
    }
    for (int passed = 0; passed < TURN && !passedEnd; ) {
      if (held == 0) {
        // Only an empty pipe tells the end from a full pipe: splice answers 0 to both.
        boolean endKnown = sourceEnded;
        held = Native.splice(from.intValue(), -1, writeEnd.intValue(), -1, CAPACITY);
        if (held == 0) {
          if (endKnown) {
            to.shutdown(false, true);
            passedEnd = true;
          }
          return false;
        }
      }
      int sent = Native.splice(readEnd.intValue(), -1, to.intValue(), -1, held);
      if (sent == 0) {
        return false;
      }
      held -= sent;
      passed += sent;
      count.accept(sent);
    }
    return !passedEnd;
  }

  private static boolean sendFirst(Socket to, Queue<ByteBuf> first, IntConsumer count)
      throws IOException {
    for (ByteBuf data = first.peek(); data != null; data = first.peek()) {
      ByteBuffer bytes = data.nioBuffer();
      int sent = to.write(bytes, bytes.position(), bytes.limit());
      data.skipBytes(sent);
      count.accept(sent);
      if (data.isReadable()) {
        return false;
      }
      first.remove().release();
    }
    return true;
  }

  void close() {
    closeQuietly(readEnd);
    closeQuietly(writeEnd);
  }

  private static void closeQuietly(FileDescriptor end) {
    try {
      end.close();
    } catch (IOException ignored) {
      // Nothing more can be done about a pipe.
    }
  }
}
