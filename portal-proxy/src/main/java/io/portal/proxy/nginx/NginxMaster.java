package io.portal.proxy.nginx;

import io.portal.core.port.BalancerException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.commons.exec.DaemonExecutor;
import org.apache.commons.exec.DefaultExecuteResultHandler;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running nginx: started, or adopted where one runs, watched, started again with growing pauses
 * when it dies, and stopped. Thread-safe; everything blocks for as long as nginx takes.
 */
final class NginxMaster implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NginxMaster.class);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final NginxInstallation installation;
  private final NginxFile file;
  private final NginxOptions options;
  private final NginxLog errors;
  private final ScheduledExecutorService restarts =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "portal-nginx");
            thread.setDaemon(true);
            return thread;
          });

  private Set<ProcessHandle> workers = new HashSet<>();
  private @Nullable ProcessHandle master;
  private boolean adopted;
  private boolean closing;
  private Duration pause;
  private Instant startedAt = Instant.EPOCH;
  private volatile @Nullable String down = "nginx was not started yet";

  NginxMaster(NginxInstallation installation, NginxFile file) {
    this.installation = installation;
    this.file = file;
    this.options = installation.options();
    this.errors = new NginxLog(options.log());
    this.pause = options.firstPause();
  }

  /** Why nginx does not run; empty while it does. Never blocks. */
  Optional<String> down() {
    return Optional.ofNullable(down);
  }

  /** Takes over a running nginx; false when none runs. */
  synchronized boolean adopt() throws BalancerException {
    Optional<ProcessHandle> running = NginxProcesses.master(installation.pidFile());
    if (running.isEmpty()) {
      return false;
    }
    // One that was given by its file is somebody else's to stop.
    adopted = options.pidFile().isPresent();
    watch(running.get());
    log.info("nginx: adopted process {}", running.get().pid());
    return true;
  }

  /**
   * Starts nginx and waits until its workers are there.
   *
   * @throws BalancerException with nginx's own words if it ends before that
   */
  synchronized void start() throws BalancerException {
    retireOrphans();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    DefaultExecuteResultHandler ended = new DefaultExecuteResultHandler();
    ExecuteWatchdog watchdog =
        ExecuteWatchdog.builder().setTimeout(ExecuteWatchdog.INFINITE_TIMEOUT_DURATION).get();
    try {
      DefaultExecutor executor = DaemonExecutor.builder().get();
      PumpStreamHandler streams = new PumpStreamHandler(output);
      // Workers that outlive their master keep the pipe open.
      streams.setStopTimeout(Duration.ofSeconds(1));
      executor.setStreamHandler(streams);
      executor.setWatchdog(watchdog);
      executor.execute(NginxCommand.line(installation.command(options.config())), ended);
    } catch (IOException missing) {
      throw failed("nginx cannot be started: " + missing.getMessage());
    }
    boolean up =
        NginxProcesses.await(
            options.limit(),
            () ->
                ended.hasResult()
                    || NginxProcesses.master(installation.pidFile())
                        .filter(found -> !NginxProcesses.workers(found).isEmpty())
                        .isPresent());
    Optional<ProcessHandle> found = NginxProcesses.master(installation.pidFile());
    if (!up || ended.hasResult() || found.isEmpty()) {
      watchdog.destroyProcess();
      String said = output.toString(StandardCharsets.UTF_8);
      String reason = NginxLog.refusals(said).collect(Collectors.joining("; "));
      throw failed("nginx did not start: " + (reason.isEmpty() ? said.strip() : reason));
    }
    adopted = false;
    startedAt = Instant.now();
    watch(found.get());
    log.info("nginx: started, process {}", found.get().pid());
  }

  private BalancerException failed(String reason) {
    down = reason;
    return new BalancerException(reason);
  }

  private void watch(ProcessHandle running) {
    master = running;
    workers = NginxProcesses.workers(running);
    down = null;
    CompletableFuture<?> unused = running.onExit().thenRun(() -> died(running));
  }

  private synchronized void died(ProcessHandle process) {
    if (!closing && process.equals(master)) {
      master = null;
      if (startedAt.plus(LONGEST_PAUSE).isBefore(Instant.now())) {
        pause = options.firstPause();
      }
      restartLater("nginx, process " + process.pid() + ", has ended");
    }
  }

  private void restartLater(String why) {
    down = why;
    log.warn("{}; starting it again in {} ms", why, pause.toMillis());
    var unused = restarts.schedule(this::restart, pause.toMillis(), TimeUnit.MILLISECONDS);
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  private synchronized void restart() {
    if (closing || master != null) {
      return;
    }
    try {
      file.undoEdits();
      start();
    } catch (BalancerException | RuntimeException refused) {
      restartLater(String.valueOf(refused.getMessage()));
    }
  }

  /**
   * Makes nginx run with the configuration that is on disk: reloads it, or starts it if it does not
   * run. Returns when the old workers take connections no more; what they carry goes on.
   *
   * @throws BalancerException with nginx's own words if it refuses; what it ran with before it
   *     still runs with
   */
  synchronized void reload() throws BalancerException {
    ProcessHandle running = master;
    if (running == null || !running.isAlive()) {
      start();
      return;
    }
    Set<ProcessHandle> before = NginxProcesses.workers(running);
    errors.mark();
    NginxProcesses.signal("HUP", running, options.limit());
    boolean done =
        NginxProcesses.await(
            options.limit(),
            () -> {
              refuseIfLogged(running);
              return before.stream().allMatch(NginxProcesses::retired)
                  && NginxProcesses.workers(running).stream()
                      .anyMatch(worker -> !before.contains(worker));
            });
    if (!done) {
      throw new BalancerException(
          "nginx, process "
              + running.pid()
              + ", did not take the configuration within "
              + options.limit().toSeconds()
              + " s; see its error log");
    }
    workers = NginxProcesses.workers(running);
  }

  private void refuseIfLogged(ProcessHandle running) throws BalancerException {
    if (!running.isAlive()) {
      throw new BalancerException("nginx, process " + running.pid() + ", ended during the reload");
    }
    List<String> refusals = errors.refusals();
    // It tries to bind several times before it gives up.
    if (refusals.stream().anyMatch(line -> !line.startsWith("bind() to"))) {
      throw new BalancerException(
          "nginx refuses the configuration: "
              + refusals.stream()
                  .filter(line -> !line.equals("still could not bind()"))
                  .collect(Collectors.joining("; ")));
    }
  }

  /** Workers whose master was killed still listen; they are told to finish what they carry. */
  private void retireOrphans() throws BalancerException {
    Set<ProcessHandle> orphans =
        workers.stream()
            .filter(worker -> !NginxProcesses.retired(worker))
            .collect(Collectors.toSet());
    for (ProcessHandle orphan : orphans) {
      NginxProcesses.signal("QUIT", orphan, options.limit());
    }
    boolean unused =
        NginxProcesses.await(
            options.limit(), () -> orphans.stream().allMatch(NginxProcesses::retired));
    workers = new HashSet<>();
  }

  /** Stops an nginx that portal started; one that was adopted from elsewhere goes on. */
  @Override
  public void close() {
    restarts.shutdownNow();
    ProcessHandle running;
    synchronized (this) {
      closing = true;
      running = master;
      master = null;
      down = "nginx was stopped";
    }
    if (running == null || adopted) {
      return;
    }
    Set<ProcessHandle> all = NginxProcesses.workers(running);
    running.destroy();
    try {
      if (!NginxProcesses.await(options.limit(), () -> !running.isAlive())) {
        log.warn("nginx, process {}, does not end; killing it", running.pid());
        running.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
      }
    } catch (BalancerException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
