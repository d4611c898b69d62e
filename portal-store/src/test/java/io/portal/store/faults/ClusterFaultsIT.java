package io.portal.store.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.state.DesiredState;
import io.portal.store.file.FileStore;
import io.portal.store.postgres.PostgresStore;
import io.portal.store.servers.RealPostgres;
import io.portal.store.servers.RealRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three daemons that write without a pause, and what may happen to them. {@code -Dportal.faults=20}
 * says how often each fault is made; a few times by default.
 */
class ClusterFaultsIT {

  private static final int FAULTS = Integer.getInteger("portal.faults", 3);
  private static final int WITHOUT_END = 1_000_000;

  @TempDir Path directory;
  private final List<Member> members = new ArrayList<>();
  private final Random random = new Random();

  private interface Fault {
    /** Makes the fault and ends it. */
    void happen(int round) throws Exception;
  }

  @AfterEach
  void stop() throws Exception {
    for (Member member : members) {
      member.stop();
    }
  }

  private void start(String... urls) throws Exception {
    for (int i = 0; i < 3; i++) {
      Member member = new Member(i, urls[i % urls.length], directory.resolve("member" + i));
      members.add(member);
      member.start();
    }
  }

  private static void pause(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  /** Faults under writes; after each, writes are answered again, and at the end all is equal. */
  private void suffer(String name, Fault fault) throws Exception {
    for (Member member : members) {
      member.say("write " + WITHOUT_END);
    }
    long longest = 0;
    long sum = 0;
    for (int round = 0; round < FAULTS; round++) {
      pause(200 + random.nextInt(400));
      fault.happen(round);
      long start = System.nanoTime();
      for (Member member : members) {
        int before = member.acknowledged();
        while (member.acknowledged() == before) {
          assertThat(System.nanoTime() - start)
              .as(name + ": writes are answered again; " + member.summary())
              .isLessThan(TimeUnit.SECONDS.toNanos(60));
          pause(5);
        }
      }
      long took = (System.nanoTime() - start) / 1_000_000;
      longest = Math.max(longest, took);
      sum += took;
    }
    for (Member member : members) {
      member.say("stop");
    }
    for (Member member : members) {
      assertThat(member.answer("written")).as(name).isNotNull();
    }
    String state = settle(name);
    System.out.printf(
        "%s: %d times; all members write again after %d ms on average, %d ms at most; %s%n",
        name, FAULTS, sum / FAULTS, longest, state);
    members.forEach(member -> System.out.println("  " + member.summary()));
  }

  /** Waits until all members are equal, and answers what they are. */
  private String settle(String name) throws Exception {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      Set<String> states = new HashSet<>();
      for (Member member : members) {
        member.say("state");
        states.add(member.answer("state"));
      }
      if (states.size() == 1) {
        return states.iterator().next();
      }
      assertThat(System.nanoTime()).as("%s: all are equal: %s", name, states).isLessThan(limit);
      pause(50);
    }
  }

  private void checkCopies() throws Exception {
    for (Member member : members) {
      member.stop();
    }
    Set<DesiredState> copies = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      try (FileStore copy = FileStore.open(directory.resolve("member" + i))) {
        copies.add(copy.load());
      }
    }
    assertThat(copies).hasSize(1);
    for (Member member : members) {
      member.check(copies.iterator().next());
    }
  }

  @Test
  void tenThousandWritesOfThreeMembers() throws Exception {
    try (RealRedis redis = RealRedis.start()) {
      start(redis.url());
      int each = Integer.getInteger("portal.writes", 1000);
      long start = System.nanoTime();
      for (Member member : members) {
        member.say("write " + each);
      }
      for (Member member : members) {
        assertThat(member.answer("written")).isNotNull();
        assertThat(member.acknowledged()).as(member.summary()).isEqualTo(each);
      }
      String state = settle("writes");
      System.out.printf(
          "%d writes of three members in %d ms; %s%n",
          3 * each, (System.nanoTime() - start) / 1_000_000, state);
      checkCopies();
    }
  }

  @Test
  void membersAreKilled() throws Exception {
    try (RealRedis redis = RealRedis.start()) {
      start(redis.url());
      suffer(
          "kill -9 of a member",
          round -> {
            Member member = members.get(round % 3);
            member.kill();
            member.start();
            member.say("write " + WITHOUT_END);
          });
      checkCopies();
    }
  }

  @Test
  void membersAreStopped() throws Exception {
    try (RealRedis redis = RealRedis.start()) {
      start(redis.url());
      suffer(
          "SIGSTOP of a member for twice the time after which it is dead",
          round -> {
            Member member = members.get(round % 3);
            member.signal("STOP");
            pause(2 * MemberProcess.DEAD_AFTER.toMillis());
            member.signal("CONT");
          });
      checkCopies();
    }
  }

  @Test
  void redisIsRestartedWithItsData() throws Exception {
    try (RealRedis redis = RealRedis.start()) {
      start(redis.url());
      suffer(
          "redis restarted with its data",
          round -> {
            redis.kill();
            pause(random.nextInt(500));
            redis.restart();
          });
      checkCopies();
    }
  }

  @Test
  void redisIsRestartedWithoutItsData() throws Exception {
    try (RealRedis redis = RealRedis.start()) {
      start(redis.url());
      suffer(
          "redis restarted without its data",
          round -> {
            redis.kill();
            redis.loseData();
            redis.restart();
          });
      checkCopies();
    }
  }

  @Test
  void redisIsCutOffFromOneMember() throws Exception {
    try (RealRedis redis = RealRedis.start();
        Cable cable = new Cable(redis.port())) {
      start(redis.url(), redis.url(), "redis://127.0.0.1:" + cable.port());
      suffer(
          "redis cut off from one member",
          round -> {
            cable.cut();
            pause(2 * MemberProcess.DEAD_AFTER.toMillis());
            cable.mend();
          });
      checkCopies();
    }
  }

  @Test
  void postgresIsRestarted() throws Exception {
    try (RealPostgres postgres = RealPostgres.start()) {
      String url = postgres.newDatabase();
      start(url);
      suffer(
          "postgres restarted",
          round -> {
            postgres.kill();
            postgres.restart();
          });
      try (PostgresStore store = PostgresStore.open(url)) {
        DesiredState state = store.load();
        members.forEach(member -> member.check(state));
      }
    }
  }
}
