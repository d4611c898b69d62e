package io.portal.proxy.nginx;

import io.portal.core.port.BalancerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** What the operating system says of nginx's processes, and signals to them. */
final class NginxProcesses {

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private NginxProcesses() {}

  /** A condition that may find itself unable to come true. */
  interface Condition {
    boolean met() throws BalancerException;
  }

  /** The nginx master whose number is in that file, if it runs. */
  static Optional<ProcessHandle> master(Path pidFile) {
    try {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(handle -> title(handle).startsWith("nginx: master process"));
    } catch (IOException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  /** Its workers, those that are about to end too. */
  static Set<ProcessHandle> workers(ProcessHandle master) {
    return master.children().collect(Collectors.toSet());
  }

  /** Whether a worker takes connections no more. */
  static boolean retired(ProcessHandle worker) {
    return !worker.isAlive() || !title(worker).startsWith("nginx:") || shuttingDown(worker);
  }

  private static boolean shuttingDown(ProcessHandle worker) {
    return title(worker).contains("is shutting down");
  }

  /** What the process calls itself; empty when it is gone. */
  private static String title(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
    } catch (IOException gone) {
      return "";
    }
  }

  /** Sends a signal; a process that is gone is none to worry about. */
  static void signal(String signal, ProcessHandle process, Duration limit)
      throws BalancerException {
    try {
      // The JDK has no signals but TERM and KILL.
      NginxCommand.run(List.of("sh", "-c", "kill -s " + signal + " " + process.pid()), limit);
    } catch (IOException failed) {
      throw new BalancerException("cannot send " + signal + " to nginx: " + failed, failed);
    }
  }

  /** Waits for a condition; false when the limit came first. */
  static boolean await(Duration limit, Condition condition) throws BalancerException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.met()) {
      if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }
}
