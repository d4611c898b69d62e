package io.portal.proxy.l4;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/**
 * What relaying costs: seconds of the event loops' processor time for each GiB from server to
 * client, with and without splicing. Run it with the test class path; it takes about ten seconds.
 */
public final class RelayBenchmark {

  private static final int MEBIBYTES = 1024;
  private static final int ROUNDS = 3;

  private RelayBenchmark() {}

  /** Prints the least of some rounds for each way. */
  public static void main(String[] arguments) throws Exception {
    double plain = Double.MAX_VALUE;
    double spliced = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      plain = Math.min(plain, run(true, Long.MAX_VALUE));
      spliced = Math.min(spliced, run(true, 1 << 20));
    }
    System.out.printf(
        "event loop seconds per GiB: plain %.3f, spliced %.3f, ratio %.2f%n",
        plain, spliced, plain / spliced);
  }

  private static double run(boolean epoll, long spliceAfter) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    UserspaceOptions base = UserspaceOptions.DEFAULT;
    byte[] block = new byte[1 << 20];
    try (TestServer source =
            new TestServer(
                "127.0.0.1",
                client -> {
                  for (int i = 0; i < MEBIBYTES; i++) {
                    client.getOutputStream().write(block);
                  }
                });
        UserspaceBalancer balancer =
            new UserspaceBalancer(
                new UserspaceOptions(
                    1,
                    epoll,
                    base.connectTimeout(),
                    base.udpIdle(),
                    base.udpSessions(),
                    spliceAfter))) {
      ServiceId service = new ServiceId(ServiceType.TCP, loopback, 18_099);
      balancer.apply(
          List.of(
              new AddService(service, new ServiceSettings(Scheduler.RR, Duration.ZERO, null)),
              new AddServer(
                  service,
                  new ServerId(loopback, source.port()),
                  new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0))));
      long before = loopTime();
      try (Socket socket = new Socket(loopback, 18_099)) {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[1 << 20];
        while (in.read(buffer) >= 0) {
          // Only the relay is of interest.
        }
      }
      return (loopTime() - before) / 1e9 * 1024 / MEBIBYTES;
    }
  }

  private static long loopTime() {
    var threads = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().startsWith("portal-l4")) {
        sum += Math.max(0, threads.getThreadCpuTime(id));
      }
    }
    return sum;
  }
}
