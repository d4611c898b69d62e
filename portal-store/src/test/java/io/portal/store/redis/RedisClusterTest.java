package io.portal.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Portal;
import io.portal.core.RefusedException;
import io.portal.core.UnavailableException;
import io.portal.core.model.Addresses;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.StateChange;
import io.portal.store.file.FileStore;
import io.portal.store.servers.RealRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisClusterTest {

  @TempDir Path directory;
  private RealRedis redis;
  private final List<RedisCluster> clusters = new ArrayList<>();
  private final List<Portal> portals = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    redis = RealRedis.start();
  }

  @AfterEach
  void stop() throws Exception {
    portals.forEach(Portal::close);
    if (redis != null) {
      redis.close();
    }
  }

  private RedisCluster join(String member) throws StoreException {
    RedisCluster cluster =
        RedisCluster.join(
            redis.url(),
            RealRedis.TOKEN,
            FileStore.open(directory.resolve(member)),
            RedisClusterContractTest.options(member));
    clusters.add(cluster);
    return cluster;
  }

  private Portal portal(String member) throws StoreException {
    return portal(member, new InMemoryBalancer());
  }

  private Portal portal(String member, InMemoryBalancer balancer) throws StoreException {
    RedisCluster cluster = join(member);
    Portal portal =
        Portal.builder().store(cluster).balancer(balancer).vipOwnership(cluster.vips()).start();
    portals.add(portal);
    return portal;
  }

  private static Service service(int number) {
    return new Service(
        new ServiceId(
            ServiceType.TCP,
            Addresses.parse("host", "10.0." + number / 250 + "." + (1 + number % 250)),
            80),
        ServiceSettings.DEFAULT,
        List.of());
  }

  private static Vip vip(int number) {
    return new Vip(new VipId(InterfaceAddress.parse("10.1.0." + number), "eth0"), "");
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(limit);
      Thread.sleep(20);
    }
  }

  private static void awaitWritable(Portal portal, Service service) throws Exception {
    await(
        "writes are taken again",
        () -> {
          try {
            portal.services().add(service);
            return true;
          } catch (UnavailableException e) {
            return false;
          }
        });
  }

  @Test
  void aWriteIsEverywhereWhenItIsAnswered() throws Exception {
    Portal one = portal("one");
    Portal two = portal("two");
    for (int i = 0; i < 20; i++) {
      one.services().add(service(i));
      assertThat(two.state().services()).containsKey(service(i).id());
      two.services().remove(service(i).id());
      assertThat(one.state().services()).isEmpty();
    }
    assertThat(clusters.get(0).members())
        .extracting(ClusterMember::name)
        .containsExactly("one", "two");
    assertThat(clusters.get(0).members())
        .extracting(ClusterMember::revision)
        .containsOnly(one.state().revision());
  }

  @Test
  void losesNoneOfThreeMembersWrites() throws Exception {
    List<Portal> members = List.of(portal("one"), portal("two"), portal("three"));
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int m = 0; m < 3; m++) {
      int member = m;
      writers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 40; i++) {
                  members.get(member).services().add(service(member * 100 + i));
                }
              }));
    }
    for (CompletableFuture<Void> writer : writers) {
      writer.get(120, TimeUnit.SECONDS);
    }
    await("all are equal", () -> members.stream().map(Portal::state).distinct().count() == 1);
    assertThat(members.get(0).state().services()).hasSize(120);
  }

  @Test
  void aMemberThatCannotApplyMakesTheWriteFailEverywhere() throws Exception {
    Portal one = portal("one");
    InMemoryBalancer refusing = new InMemoryBalancer();
    refusing.refuse(
        change ->
            change.service().equals(service(13).id()) ? Optional.of("unlucky") : Optional.empty());
    portal("two", refusing);
    Portal three = portal("three");
    one.services().add(service(1));

    assertThatThrownBy(() -> one.services().add(service(13)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("member two")
        .hasMessageContaining("unlucky");

    await("three undid it", () -> three.state().revision() == one.state().revision());
    assertThat(one.state().services()).containsOnlyKeys(service(1).id());
    assertThat(three.state().services()).containsOnlyKeys(service(1).id());
    one.services().add(service(2));
  }

  @Test
  void goesOnWithoutRedisAndRefusesWritesAtOnce() throws Exception {
    Portal one = portal("one");
    one.services().add(service(1));
    redis.kill();
    await("it is noticed", () -> clusters.get(0).phase().equals("away"));

    assertThatThrownBy(() -> one.services().add(service(2)))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("redis is away");
    assertThat(one.state().services()).hasSize(1);
    Portal late = portal("late");
    assertThat(late.state().services()).isEmpty();

    redis.restart();
    awaitWritable(one, service(2));
    await("the late one has it all", () -> late.state().services().size() == 2);
  }

  @Test
  void aRedisThatLostItsDataIsSeededByTheNewestMember() throws Exception {
    Portal one = portal("one");
    Portal two = portal("two");
    for (int i = 0; i < 30; i++) {
      one.services().add(service(i));
    }
    one.vips().add(vip(1));
    redis.kill();
    redis.loseData();
    redis.restart();

    awaitWritable(two, service(50));

    assertThat(one.state().services()).hasSize(31);
    await("a third one gets everything", () -> portal("three").state().equals(two.state()));
    assertThat(portals.get(2).state().vips()).hasSize(1);
  }

  @Test
  void aMemberThatStartsWithAnOldCopyTakesTheNewState() throws Exception {
    Portal one = portal("one");
    Portal two = portal("two");
    one.services().add(service(1));
    two.close();
    portals.remove(two);
    one.services().remove(service(1).id());
    one.services().add(service(2));

    Portal again = portal("two");

    assertThat(again.state()).isEqualTo(one.state());
  }

  @Test
  void writesGoOnWhenADeadMemberIsGivenUp() throws Exception {
    Portal one = portal("one");
    RedisCluster dead = join("dead");
    dead.load();
    dead.abandon();

    one.services().add(service(1));

    assertThat(clusters.get(0).members()).extracting(ClusterMember::name).containsExactly("one");
  }

  @Test
  void vipsHaveOneOwnerEachAndAreSpreadEvenly() throws Exception {
    RedisCluster one = join("one");
    RedisCluster two = join("two");
    StateChange.Builder change = new StateChange.Builder();
    List<VipId> vips = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      change.put(vip(i));
      vips.add(vip(i).id());
    }
    one.commit(one.load(), change.build());
    two.load();
    await("all are owned", () -> owned(one, vips).size() + owned(two, vips).size() == 7);
    assertThat(owned(one, vips).size()).isBetween(3, 4);
    Set<VipId> before = owned(one, vips);

    RedisCluster three = join("three");
    three.load();
    await(
        "the third has its share",
        () -> {
          Set<VipId> all = new HashSet<>(owned(one, vips));
          int count = all.size() + owned(two, vips).size() + owned(three, vips).size();
          all.addAll(owned(two, vips));
          all.addAll(owned(three, vips));
          assertThat(count).as("one owner each").isEqualTo(all.size());
          return all.size() == 7 && owned(three, vips).size() == 2;
        });
    assertThat(before).containsAll(owned(one, vips));

    three.abandon();
    await("a dead one's are taken", () -> owned(one, vips).size() + owned(two, vips).size() == 7);
    Set<VipId> kept = owned(one, vips);
    two.leave();
    assertThat(owned(two, vips)).isEmpty();
    two.close();
    await("those of one that left too", () -> owned(one, vips).size() == 7);
    assertThat(owned(one, vips)).containsAll(kept);

    redis.kill();
    await("without redis nobody has any", () -> owned(one, vips).isEmpty());
    one.close();
  }

  private static Set<VipId> owned(RedisCluster cluster, List<VipId> vips) {
    Set<VipId> owned = new HashSet<>();
    vips.stream().filter(cluster::owns).forEach(owned::add);
    return owned;
  }

  @Test
  void saysThatItIsAway() throws Exception {
    redis.kill();
    try (RedisCluster cluster = join("one")) {
      assertThat(cluster.phase()).isEqualTo("away");
      assertThatThrownBy(() -> cluster.commit(cluster.load(), StateChange.NONE))
          .isInstanceOf(StoreUnavailableException.class);
    }
  }
}
