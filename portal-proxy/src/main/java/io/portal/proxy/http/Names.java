package io.portal.proxy.http;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks the names of targets up on threads of its own: the system's resolver blocks for as long as
 * a name server is silent, and an event loop must not. A name is looked up once at a time, so a
 * slow one holds one thread however many ask for it. Thread-safe, never blocks.
 */
final class Names extends AddressResolverGroup<InetSocketAddress> {

  /** Finds all addresses of a name, the best first; may block. */
  interface Lookup {
    InetAddress[] all(String name) throws UnknownHostException;
  }

  private static final int THREADS = 16;
  private static final long THREAD_IDLE_SECONDS = 10;

  private final Lookup lookup;
  private final Duration limit;
  private final Map<String, CompletableFuture<List<InetAddress>>> running =
      new ConcurrentHashMap<>();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          THREAD_IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          new DefaultThreadFactory("portal-names", true));

  /**
   * A resolver without names so far.
   *
   * @param limit how long one who asks waits
   */
  Names(Lookup lookup, Duration limit) {
    this.lookup = lookup;
    this.limit = limit;
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new Resolver(executor).asAddressResolver();
  }

  private CompletableFuture<List<InetAddress>> find(String name) {
    CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
    CompletableFuture<List<InetAddress>> known = running.putIfAbsent(name, mine);
    if (known != null) {
      return known;
    }
    threads.execute(
        () -> {
          try {
            List<InetAddress> found = Arrays.asList(lookup.all(name));
            running.remove(name);
            mine.complete(found);
          } catch (UnknownHostException | RuntimeException e) {
            running.remove(name);
            mine.completeExceptionally(e);
          }
        });
    return mine;
  }

  @Override
  public void close() {
    super.close();
    threads.shutdownNow();
  }

  /** What one event loop asks. */
  private final class Resolver extends InetNameResolver {

    Resolver(EventExecutor executor) {
      super(executor);
    }

    @Override
    protected void doResolve(String name, Promise<InetAddress> promise) throws Exception {
      byte[] literal = NetUtil.createByteArrayFromIpAddressString(name);
      if (literal != null && name.indexOf('%') < 0) {
        promise.setSuccess(InetAddress.getByAddress(literal));
        return;
      }
      Promise<List<InetAddress>> all = executor().newPromise();
      all.addListener(
          done -> {
            if (done.isSuccess()) {
              promise.trySuccess(all.getNow().get(0));
            } else {
              promise.tryFailure(done.cause());
            }
          });
      doResolveAll(name, all);
    }

    @Override
    protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
      Future<?> patience =
          executor()
              .schedule(
                  () ->
                      promise.tryFailure(
                          new UnknownHostException(
                              name + ": not looked up within " + limit.toMillis() + " ms")),
                  limit.toMillis(),
                  TimeUnit.MILLISECONDS);
      promise.addListener(done -> patience.cancel(false));
      find(name)
          .whenComplete(
              (found, cause) -> {
                if (cause == null) {
                  promise.trySuccess(found);
                } else {
                  promise.tryFailure(cause);
                }
              });
    }
  }
}
