package io.portal.vip;

import io.portal.netlink.route.Link;
import io.portal.netlink.route.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the neighbours where addresses are, several times each, as frames get lost. Never blocks:
 * frames are sent by a thread of its own. Thread-safe.
 */
final class Announcer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  private final PacketSocket socket;
  private final VipSettings settings;
  private final Map<InetAddress, Series> running = new HashMap<>();
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread created = new Thread(task, "portal-announcer");
            created.setDaemon(true);
            return created;
          });

  /** Announces through that socket, which is closed with it. */
  Announcer(PacketSocket socket, VipSettings settings) {
    this.socket = socket;
    this.settings = settings;
    thread.setRemoveOnCancelPolicy(true);
  }

  /** Starts to announce an address, anew if it is being announced. Loopback has no neighbours. */
  synchronized void announce(Link link, InetAddress address) {
    cancel(address);
    MacAddress mac = link.mac();
    if (mac == null || !link.isEthernet() || settings.announcements() == 0 || thread.isShutdown()) {
      return;
    }
    Series series = new Series(link, address, Announcement.frames(address, mac));
    running.put(address, series);
    series.future =
        thread.scheduleWithFixedDelay(
            series, 0, settings.announcementPause().toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Announces an address no more: it is not here any longer. */
  synchronized void cancel(InetAddress address) {
    Series series = running.remove(address);
    if (series != null) {
      series.stop();
    }
  }

  @Override
  public synchronized void close() {
    thread.shutdownNow();
    socket.close();
  }

  private final class Series implements Runnable {

    private final Link link;
    private final InetAddress address;
    private final List<byte[]> frames;
    private int left = settings.announcements();
    private @Nullable ScheduledFuture<?> future;

    Series(Link link, InetAddress address, List<byte[]> frames) {
      this.link = link;
      this.address = address;
      this.frames = frames;
    }

    @Override
    public void run() {
      synchronized (Announcer.this) {
        if (running.get(address) != this) {
          return;
        }
        try {
          for (byte[] frame : frames) {
            socket.send(link.index(), frame);
          }
        } catch (IOException e) {
          // The next comes soon; when an interface that is down comes up, all start anew.
          log.debug("{} on {} was not announced: {}", address, link.name(), e.getMessage());
        }
        left--;
        if (left == 0) {
          cancel(address);
        }
      }
    }

    void stop() {
      if (future != null) {
        future.cancel(false);
      }
    }
  }
}
