package io.portal.proxy.l4;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.proxy.nginx.NginxBalancer;
import io.portal.proxy.nginx.NginxOptions;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What relaying costs: seconds of processor time for each GiB from server to client, relayed in
 * this process, spliced, and by nginx. Started by bench/relay; takes about fifteen seconds.
 */
public final class RelayBenchmark {

  private static final int MEBIBYTES = 1024;
  private static final int ROUNDS = 5;
  private static final int PORT = 18_099;

  private RelayBenchmark() {}

  /** One way to carry the bytes, and how much processor time it has used. */
  private record Way(Balancer balancer, LongSupplier nanos) {}

  /** Makes a balancer anew. */
  private interface Maker {
    Way make() throws Exception;
  }

  /** Prints the least of some rounds for each way. */
  public static void main(String[] arguments) throws Exception {
    double plain = Double.MAX_VALUE;
    double spliced = Double.MAX_VALUE;
    double nginx = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      plain = Math.min(plain, run(() -> userspace(Long.MAX_VALUE)));
      spliced = Math.min(spliced, run(() -> userspace(1 << 20)));
      nginx = Math.min(nginx, run(RelayBenchmark::nginx));
    }
    System.out.printf(
        "processor seconds per GiB: relayed %.2f, spliced %.2f, nginx %.2f%n",
        plain, spliced, nginx);
    System.out.printf(
        "spliced to relayed %.2f, spliced to nginx %.2f%n", spliced / plain, spliced / nginx);
  }

  private static Way userspace(long spliceAfter) {
    UserspaceOptions base = UserspaceOptions.DEFAULT;
    return new Way(
        new UserspaceBalancer(
            new UserspaceOptions(
                1, true, base.connectTimeout(), base.udpIdle(), base.udpSessions(), spliceAfter)),
        RelayBenchmark::loops);
  }

  private static Way nginx() throws Exception {
    Path workDir = Files.createTempDirectory("portal-bench");
    return new Way(
        NginxBalancer.open(NginxOptions.in(workDir)),
        () ->
            ProcessHandle.current()
                .descendants()
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .mapToLong(Duration::toNanos)
                .sum());
  }

  private static double run(Maker maker) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    byte[] block = new byte[1 << 20];
    TestServer source =
        new TestServer(
            "127.0.0.1",
            client -> {
              for (int i = 0; i < MEBIBYTES; i++) {
                client.getOutputStream().write(block);
              }
            });
    Way way = maker.make();
    try (source;
        Balancer balancer = way.balancer()) {
      ServiceId service = new ServiceId(ServiceType.TCP, loopback, PORT);
      List<Balancer.Failure> failures =
          balancer.apply(
              List.of(
                  new AddService(service, new ServiceSettings(Scheduler.RR, Duration.ZERO, null)),
                  new AddServer(
                      service,
                      new ServerId(loopback, source.port()),
                      new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0))));
      if (!failures.isEmpty()) {
        throw new IllegalStateException(failures.toString());
      }
      long before = way.nanos().getAsLong();
      try (Socket socket = new Socket(loopback, PORT)) {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[1 << 20];
        while (in.read(buffer) >= 0) {
          // Only the relay is of interest.
        }
      }
      return (way.nanos().getAsLong() - before) / 1e9 * 1024 / MEBIBYTES;
    }
  }

  /** Processor time of the userspace balancer's event loops. */
  private static long loops() {
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
