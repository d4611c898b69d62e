package io.portal.core.internal;

import io.portal.core.Health;
import io.portal.core.PortalException;
import io.portal.core.RefusedException;
import io.portal.core.UnavailableException;
import io.portal.core.model.ServiceId;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns all writes: to the store, the balancer, the proxy and addresses. It
 * carries out writes as they come, and full passes on a timer, on events, and when something failed
 * is to be tried again. Its public methods are thread-safe.
 */
public final class Reconciler implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  private final Parts parts;
  private final World world;
  private final Failures failures;
  private final Progress progress = new Progress();
  private final Writer writer;
  private final ServiceIndex draining;
  private final Drainer drainer;
  private final ServiceIndex bound;
  private final InterfaceFollower follower;
  private final ScheduledThreadPoolExecutor thread;
  private final Queue<Write> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean writesScheduled = new AtomicBoolean();
  private final AtomicBoolean refreshScheduled = new AtomicBoolean();
  private final AtomicBoolean passScheduled = new AtomicBoolean();
  private volatile DesiredState state;
  private volatile boolean closing;
  private @Nullable ScheduledFuture<?> nextPass;

  private Reconciler(Parts parts, DesiredState loaded) {
    this.parts = parts;
    this.state = loaded;
    parts.unmanaged().loaded(loaded);
    failures = new Failures(parts.nanoTime(), parts.interval());
    world = parts.world(failures, progress);
    writer = new Writer(parts.store(), world, parts.checks(), progress, loaded, this::published);
    draining = new ServiceIndex(Drainer::drains, loaded);
    drainer = new Drainer(parts.balancer(), parts.ownership(), parts.clock(), draining);
    bound = new ServiceIndex(InterfaceFollower::follows, loaded);
    follower = new InterfaceFollower(parts.addresses(), bound);
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread created = new Thread(task, "portal-reconciler");
              created.setDaemon(true);
              return created;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Loads the state, adopts what is there and repairs the difference; returns when the first pass
   * is done. What cannot be repaired does not keep it from starting.
   *
   * @throws RefusedException if the state cannot be loaded
   */
  public static Reconciler start(Parts parts) {
    DesiredState loaded;
    try {
      loaded = parts.store().load();
    } catch (StoreException e) {
      throw new RefusedException("store: " + e.getMessage(), e);
    }
    Reconciler reconciler = new Reconciler(parts, loaded);
    reconciler.await(reconciler.thread.submit(() -> reconciler.pass(true)));
    parts.store().onRemoteChange(reconciler::remoteChange);
    parts.vips().ifPresent(vips -> vips.onChange(reconciler::passSoon));
    parts.ownership().onChange(reconciler::passSoon);
    return reconciler;
  }

  /** The desired state of this moment; never blocks. */
  public DesiredState state() {
    return state;
  }

  /** How it is doing; never blocks. */
  public Health health() {
    Map<String, String> failing = new HashMap<>(failures.errors());
    failing.putAll(parts.store().problems());
    return progress.health(state.revision(), failing, parts.unmanaged().count());
  }

  /**
   * Changes the desired state; returns when the change is durable and made real.
   *
   * @param edit makes the change for the state of the moment; may be asked more than once
   * @return the state after the change
   * @throws PortalException if it is refused; all is as it was before
   */
  public DesiredState write(Function<DesiredState, StateChange> edit) {
    Write write = new Write(edit, new CompletableFuture<>());
    waiting.add(write);
    if (closing) {
      refuseWaiting();
    } else if (writesScheduled.compareAndSet(false, true)) {
      submit(this::carryOutWaiting);
    }
    return await(write.result());
  }

  /** Does a full pass now, and returns when it is done. */
  public void reconcile() {
    await(thread.submit(() -> pass(false)));
  }

  private void published(DesiredState published, StateChange change) {
    state = published;
    parts.unmanaged().changed(change);
    draining.changed(change);
    bound.changed(change);
  }

  private void carryOutWaiting() {
    writesScheduled.set(false);
    List<Write> writes = new ArrayList<>();
    for (Write write = waiting.poll(); write != null; write = waiting.poll()) {
      writes.add(write);
    }
    writer.carryOut(writes);
    afterChange();
  }

  /** What a changed state may call for: drains to watch, interfaces to follow, an earlier retry. */
  private void afterChange() {
    follow();
    scheduleDrain();
    scheduleNextPass();
  }

  private void follow() {
    follower.edit(writer.current()).ifPresent(this::writeFromHere);
  }

  private void writeFromHere(Function<DesiredState, StateChange> edit) {
    Write write = new Write(edit, new CompletableFuture<>());
    writer.carryOut(List.of(write));
    write
        .result()
        .whenComplete(
            (done, error) -> {
              if (error != null) {
                log.warn("{}; will be tried again", error.getMessage());
              }
            });
  }

  private void pass(boolean first) {
    try {
      writer.verify();
      world.pass(writer.current(), first);
      adoptFound();
      progress.passed(parts.clock().instant());
    } finally {
      afterChange();
    }
  }

  /** Takes over what the first pass found, where that was asked for. */
  private void adoptFound() {
    Set<ServiceId> found = parts.unmanaged().takeToAdopt();
    if (!found.isEmpty()) {
      parts.balancer().ifPresent(b -> writeFromHere(state -> Adoption.ofThese(b, state, found)));
      log.info("{} services that were there are taken over", found.size());
    }
  }

  private void scheduleDrain() {
    if (drainer.start()) {
      schedule(this::drain, Drainer.PERIOD);
    }
  }

  private void drain() {
    drainer.finished(writer.current()).ifPresent(this::writeFromHere);
    Set<ServiceId> missing = drainer.missing();
    if (!missing.isEmpty()) {
      world.passServices(missing, writer.current());
      scheduleNextPass();
    }
    scheduleDrain();
  }

  private void scheduleNextPass() {
    Duration pause = failures.untilNextTry().orElse(parts.interval());
    if (nextPass != null) {
      if (nextPass.getDelay(TimeUnit.NANOSECONDS) > 0
          && nextPass.getDelay(TimeUnit.NANOSECONDS) <= pause.toNanos()) {
        return;
      }
      nextPass.cancel(false);
    }
    nextPass = schedule(() -> pass(false), pause);
  }

  private void remoteChange() {
    if (refreshScheduled.compareAndSet(false, true)) {
      submit(
          () -> {
            refreshScheduled.set(false);
            writer.refresh();
            afterChange();
          });
    }
  }

  private void passSoon() {
    if (passScheduled.compareAndSet(false, true)) {
      submit(
          () -> {
            passScheduled.set(false);
            world.passVips(writer.current());
            afterChange();
          });
    }
  }

  private void submit(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException closed) {
      refuseWaiting();
    }
  }

  private @Nullable ScheduledFuture<?> schedule(Runnable task, Duration delay) {
    try {
      return thread.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      return null;
    }
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        log.error("the reconciler met an error it should not; it goes on", e);
      }
    };
  }

  private void refuseWaiting() {
    for (Write write = waiting.poll(); write != null; write = waiting.poll()) {
      write.result().completeExceptionally(new UnavailableException("portal is stopping"));
    }
  }

  private <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PortalException refusal) {
        refusal.addSuppressed(e);
        throw refusal;
      }
      throw new RefusedException("internal error: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while waiting; the outcome is not known", e);
    }
  }

  /**
   * Finishes the writes that wait and stops. Services, vips and firewall stay, unless {@code
   * clearOnExit} was asked for.
   */
  @Override
  public void close() {
    closing = true;
    submit(
        () -> {
          carryOutWaiting();
          if (parts.clearOnExit()) {
            world.clear(writer.current());
          }
        });
    thread.shutdown();
    try {
      if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
        log.warn("the reconciler did not stop within a minute");
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
    refuseWaiting();
  }
}
