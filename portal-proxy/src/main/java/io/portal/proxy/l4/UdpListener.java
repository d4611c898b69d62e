package io.portal.proxy.l4;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives a UDP service's datagrams and relays those of each client, address and port, through a
 * session of its own. A session ends when nothing passed for the idle time, when its server refuses
 * or is removed, or when it has to make room. All sessions of a service live on one event loop.
 */
final class UdpListener implements Listener {

  private static final Logger log = LoggerFactory.getLogger(UdpListener.class);

  /** The longest datagram there can be, so that none is cut. */
  private static final int LONGEST = 65_535;

  private static final Duration LONGEST_SWEEP = Duration.ofSeconds(1);

  private final VirtualService service;
  private final Transport transport;
  private final UserspaceOptions options;
  private final LongSupplier nanoTime;
  private final InetAddress address;
  private final Channel channel;

  /** By client, the one idle longest first. */
  private final Map<InetSocketAddress, UdpSession> sessions = new LinkedHashMap<>(16, 0.75f, true);

  private final ScheduledFuture<?> sweeper;

  /**
   * Binds; blocks until that is done.
   *
   * @throws java.io.IOException unchecked, if the address cannot be bound
   */
  UdpListener(
      VirtualService service,
      Transport transport,
      UserspaceOptions options,
      LongSupplier nanoTime) {
    this.service = service;
    this.transport = transport;
    this.options = options;
    this.nanoTime = nanoTime;
    this.address = Objects.requireNonNull(service.id().host());
    channel =
        bootstrap()
            .group(transport.loops())
            .handler(new Receiver())
            .bind(new InetSocketAddress(address, (int) service.id().port()))
            .syncUninterruptibly()
            .channel();
    long sweep = Math.min(LONGEST_SWEEP.toMillis(), Math.max(1, options.udpIdle().toMillis() / 4));
    sweeper =
        channel
            .eventLoop()
            .scheduleWithFixedDelay(this::sweep, sweep, sweep, TimeUnit.MILLISECONDS);
  }

  private Bootstrap bootstrap() {
    return new Bootstrap()
        .channel(transport.datagram())
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LONGEST));
  }

  /** Takes what clients send. */
  private final class Receiver extends SimpleChannelInboundHandler<DatagramPacket> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
      InetSocketAddress client = datagram.sender();
      UdpSession session = sessions.get(client);
      if (session == null) {
        session = open(client);
      }
      if (session != null) {
        session.used(nanoTime.getAsLong());
        session.send(datagram.content().retain());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // A client's host that refuses an answer is told of here; the socket goes on.
      log.debug("{}: socket error", service.id(), cause);
    }
  }

  private @Nullable UdpSession open(InetSocketAddress client) {
    Assignment assignment = service.assign(new Flow(client.getAddress(), address, null));
    if (assignment == null) {
      log.debug("{}: no server takes a datagram from {}", service.id(), client);
      return null;
    }
    if (sessions.size() >= options.udpSessions()) {
      sessions.values().iterator().next().close();
    }
    UdpSession session = new UdpSession(this, channel, client, assignment);
    sessions.put(client, session);
    session.connect(bootstrap().group(channel.eventLoop()));
    return session;
  }

  /** An answer has passed: the session is not idle. */
  void answered(UdpSession session) {
    sessions.get(session.client()); // Moves it behind all others.
    session.used(nanoTime.getAsLong());
  }

  /** Forgets a session that is over. */
  void ended(UdpSession session) {
    sessions.remove(session.client(), session);
  }

  private void sweep() {
    long now = nanoTime.getAsLong();
    while (!sessions.isEmpty()) {
      UdpSession eldest = sessions.values().iterator().next();
      if (now - eldest.lastUse() < options.udpIdle().toNanos()) {
        return;
      }
      eldest.close();
    }
  }

  @Override
  public void removed(Backend backend) {
    end(session -> session.backend() == backend);
  }

  @Override
  public void close() {
    sweeper.cancel(false);
    transport.unbind(channel);
    end(session -> true);
  }

  /** Ends sessions and waits until they are gone, so that no later datagram meets one of them. */
  private void end(Predicate<UdpSession> which) {
    channel
        .eventLoop()
        .submit(
            () -> List.copyOf(sessions.values()).stream().filter(which).forEach(UdpSession::close))
        .syncUninterruptibly();
  }
}
