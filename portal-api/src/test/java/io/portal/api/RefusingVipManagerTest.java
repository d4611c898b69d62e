package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Portal;
import io.portal.core.RefusedException;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.InMemoryStore;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class RefusingVipManagerTest {

  private static final String REASON = "vips cannot be managed: open packet socket: EPERM";
  private static final Vip VIP = new Vip(new VipId(InterfaceAddress.parse("10.0.0.1"), "eth0"), "");

  @Test
  void aVipIsRefusedWithTheReasonAndNotKept() {
    try (Portal portal =
        Portal.builder().store(new InMemoryStore()).vips(new RefusingVipManager(REASON)).start()) {
      assertThatThrownBy(() -> portal.vips().add(VIP))
          .isInstanceOf(RefusedException.class)
          .hasMessage("vip 10.0.0.1/32 on eth0: " + REASON);
      assertThat(portal.vips().list()).isEmpty();
      portal.vips().remove(VIP.id());
    }
  }

  @Test
  void aVipOfTheStoreIsToldToFail() throws Exception {
    InMemoryStore store = new InMemoryStore();
    store.commit(DesiredState.EMPTY, new StateChange.Builder().put(VIP).build());
    try (Portal portal =
        Portal.builder().store(store).vips(new RefusingVipManager(REASON)).start()) {
      assertThat(portal.health().failing()).containsEntry("vip 10.0.0.1/32 on eth0", REASON);
    }
  }

  @Test
  void addressesOfInterfacesAreFoundAllTheSame() throws Exception {
    RefusingVipManager manager = new RefusingVipManager(REASON);
    assertThat(manager.firstAddress("lo")).get().matches(InetAddress::isLoopbackAddress);
    assertThat(manager.firstAddress("no-such-one")).isEmpty();
  }
}
