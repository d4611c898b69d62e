package io.portal.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NamespaceLockTest {

  private final String name = "portal-test/" + UUID.randomUUID();

  @Test
  void onlyOneHasIt() throws Exception {
    try (NamespaceLock lock = NamespaceLock.tryLock(name).orElseThrow()) {
      assertThat(NamespaceLock.tryLock(name)).isEmpty();
      assertThat(NamespaceLock.tryLock(name + "2")).hasValueSatisfying(NamespaceLock::close);
    }
    assertThat(NamespaceLock.tryLock(name)).hasValueSatisfying(NamespaceLock::close);
  }

  @Test
  void tellsWhoHasIt() throws Exception {
    assertThat(NamespaceLock.holder(name)).isEmpty();
    try (NamespaceLock lock = NamespaceLock.tryLock(name).orElseThrow()) {
      assertThat(NamespaceLock.holder(name)).hasValue(ProcessHandle.current().pid());
    }
  }

  @Test
  void closingTwiceHarmsNothing() throws Exception {
    NamespaceLock lock = NamespaceLock.tryLock(name).orElseThrow();
    lock.close();
    lock.close();
  }
}
