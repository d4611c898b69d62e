package io.portal.proxy.l4;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a long transfer inside the kernel, from socket to socket. It takes two sockets over from
 * Netty's channels, which are deregistered, and watches them with the same event loop. Sockets are
 * watched edge-triggered for everything, and every event makes both directions go on until each has
 * to wait, so that no event can be missed and none has to be asked for.
 *
 * <p>Runs on the event loop. Netty's own {@code spliceTo} does not tell the end of a direction from
 * a pause, which is why it is not used.
 */
final class SpliceRelay {

  private static final Logger log = LoggerFactory.getLogger(SpliceRelay.class);

  /** {@code EPOLLHUP} of linux/eventpoll.h, which cannot be asked for and has no name in Netty. */
  private static final int HANG_UP = 0x10;

  private static final EpollIoOps EVERYTHING =
      EpollIoOps.EPOLLIN
          .with(EpollIoOps.EPOLLOUT)
          .with(EpollIoOps.EPOLLRDHUP)
          .with(EpollIoOps.EPOLLET);

  /** One of the two sockets, and the direction that begins at it. */
  private final class Side implements EpollIoHandle {
    private final EpollSocketChannel channel;
    private final Queue<ByteBuf> first;
    private final SplicePipe pipe;
    private final IntConsumer count;

    Side(EpollSocketChannel channel, Queue<ByteBuf> first, SplicePipe pipe, IntConsumer count) {
      this.channel = channel;
      this.first = first;
      this.pipe = pipe;
      this.count = count;
    }

    boolean pumpTo(Side to) throws IOException {
      return pipe.pump((Socket) channel.fd(), (Socket) to.channel.fd(), first, count);
    }

    @Override
    public FileDescriptor fd() {
      return channel.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      int ops = ((EpollIoEvent) event).ops().value();
      if ((ops & EpollIoOps.EPOLLERR.value()) != 0) {
        end(true);
        return;
      }
      if ((ops & (EpollIoOps.EPOLLRDHUP.value() | HANG_UP)) != 0) {
        pipe.sourceEnded();
      }
      pump();
    }

    @Override
    public void close() {
      end(true);
    }
  }

  private final Side one;
  private final Side other;
  private final Assignment assignment;
  private final List<IoRegistration> registrations = new ArrayList<>();
  private boolean ended;

  private SpliceRelay(
      TcpRelay.Half one, SplicePipe there, TcpRelay.Half other, SplicePipe back, Assignment of) {
    this.one = new Side(one.channel(), one.early(), there, one.count());
    this.other = new Side(other.channel(), other.early(), back, other.count());
    this.assignment = of;
  }

  /** A relay that is yet to be started; empty when its pipes cannot be had. */
  static Optional<SpliceRelay> between(
      TcpRelay.Half one, TcpRelay.Half other, Assignment assignment) {
    SplicePipe there = null;
    try {
      there = new SplicePipe();
      return Optional.of(new SpliceRelay(one, there, other, new SplicePipe(), assignment));
    } catch (IOException tooManyFiles) {
      log.debug("cannot splice", tooManyFiles);
      if (there != null) {
        there.close();
      }
      return Optional.empty();
    }
  }

  /**
   * Begins to carry, once both channels are deregistered; ends when both directions have ended or
   * either channel is closed.
   *
   * @param oneEnded whether the first channel has read its end already
   * @param otherEnded the same of the second
   */
  void start(boolean oneEnded, boolean otherEnded) {
    if (oneEnded) {
      one.pipe.sourceEnded();
    }
    if (otherEnded) {
      other.pipe.sourceEnded();
    }
    for (Side side : List.of(one, other)) {
      side.channel.closeFuture().addListener(closed -> end(true));
    }
    for (Side side : List.of(one, other)) {
      if (!ended) {
        ((IoEventLoop) side.channel.eventLoop())
            .register(side)
            .addListener(
                done -> {
                  if (done.isSuccess()) {
                    IoRegistration registration = (IoRegistration) done.getNow();
                    registrations.add(registration);
                    registration.submit(EVERYTHING);
                  } else {
                    end(true);
                  }
                });
      }
    }
    pump();
  }

  private void pump() {
    if (ended) {
      return;
    }
    try {
      boolean more = one.pumpTo(other) | other.pumpTo(one);
      if (one.pipe.done() || other.pipe.done()) {
        assignment.quiet();
      }
      if (one.pipe.done() && other.pipe.done()) {
        end(false);
      } else if (more) {
        one.channel.eventLoop().execute(this::pump);
      }
    } catch (IOException reset) {
      log.debug("connection to {} was reset", assignment.backend(), reset);
      end(true);
    }
  }

  private void end(boolean reset) {
    if (ended) {
      return;
    }
    ended = true;
    registrations.forEach(IoRegistration::cancel);
    for (Side side : List.of(one, other)) {
      if (reset) {
        TcpRelay.reset(side.channel);
      } else {
        side.channel.close();
      }
      side.pipe.close();
      side.first.forEach(ByteBuf::release);
      side.first.clear();
    }
  }
}
