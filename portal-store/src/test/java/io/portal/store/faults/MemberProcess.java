package io.portal.store.faults;

import io.portal.core.Portal;
import io.portal.core.PortalException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.StateStore;
import io.portal.core.state.StateChange;
import io.portal.store.Stores;
import io.portal.store.redis.ClusterOptions;
import io.portal.store.redis.RedisCluster;
import io.portal.store.servers.RealRedis;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A portal in a process of its own that writes at random, and says on its output what it tries and
 * what was answered. Ends with its input.
 */
final class MemberProcess {

  /** Short, so that the suite is; 20 s is what a daemon has. */
  static final Duration DEAD_AFTER = Duration.ofSeconds(Integer.getInteger("portal.dead-after", 2));

  private static final int KEYS = 100;

  private MemberProcess() {}

  /** Arguments: number of the member, store's URL, directory. */
  public static void main(String[] args) throws Exception {
    int number = Integer.parseInt(args[0]);
    StateStore store = store(number, args[1], args[2]);
    Portal portal = Portal.builder().store(store).balancer(new InMemoryBalancer()).start();
    Writer writer = new Writer(portal, number);
    say("started");
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String command = commands.readLine(); command != null; command = commands.readLine()) {
      if (command.startsWith("write ")) {
        int writes = Integer.parseInt(command.substring(6));
        Thread thread = new Thread(() -> writer.write(writes));
        thread.setDaemon(true);
        thread.start();
      } else if (command.equals("stop")) {
        writer.stop();
      } else if (command.equals("state")) {
        say(
            "state "
                + portal.state().revision()
                + " "
                + portal.state().services().toString().hashCode());
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static StateStore store(int number, String url, String directory) throws Exception {
    if (url.startsWith("postgres")) {
      return Stores.open(url);
    }
    ClusterOptions options =
        new ClusterOptions(
            "member" + number,
            DEAD_AFTER.plusSeconds(8),
            DEAD_AFTER,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1));
    return RedisCluster.join(url, RealRedis.TOKEN, Stores.open("scribble://" + directory), options);
  }

  static synchronized void say(String line) {
    System.out.println("| " + line);
    System.out.flush();
  }

  /** The service of that number, with a mark by which its writes are told apart. */
  static Service service(int key, int mark) {
    ServiceId id =
        new ServiceId(
            ServiceType.TCP,
            Addresses.parse("host", "10.7." + key / 200 + "." + (1 + key % 200)),
            80);
    return new Service(
        id, new ServiceSettings(Scheduler.RR, Duration.ofSeconds(mark), null), List.of());
  }

  /** Adds, changes and removes services of its own. */
  private static final class Writer {
    private final Portal portal;
    private final int number;
    private final Random random = new Random();
    private volatile boolean stopped;

    Writer(Portal portal, int number) {
      this.portal = portal;
      this.number = number;
    }

    void stop() {
      stopped = true;
    }

    /** Between tries, so that refusals do not fill the pipe. */
    private static void pause() {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void write(int writes) {
      stopped = false;
      for (int i = 0; i < writes && !stopped; i++) {
        int key = number * KEYS + random.nextInt(KEYS);
        boolean there = portal.state().services().containsKey(service(key, 1).id());
        int mark = there && random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(2_000_000);
        Service service = service(key, mark);
        say("try " + key + " " + mark);
        try {
          portal.change(
              state ->
                  mark == 0
                      ? new StateChange.Builder().remove(service.id()).build()
                      : new StateChange.Builder().put(service).build());
          say("ok " + key + " " + mark);
        } catch (PortalException e) {
          say("no " + e.getMessage());
          pause();
        }
      }
      say("written");
    }
  }
}
