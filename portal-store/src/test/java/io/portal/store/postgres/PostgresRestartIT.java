package io.portal.store.postgres;

import static io.portal.core.port.StateStoreContract.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.servers.RealPostgres;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server of its own that is killed and started again: PostgreSQL takes seconds to recover. */
class PostgresRestartIT {

  private static StateChange put(int number) {
    return new StateChange.Builder().put(service(number)).build();
  }

  @Test
  void goesOnAfterTheServerWasRestarted() throws Exception {
    try (RealPostgres server = RealPostgres.start()) {
      goesOn(server, server.newDatabase());
    }
  }

  private static void goesOn(RealPostgres server, String url) throws Exception {
    Semaphore told = new Semaphore(0);
    try (PostgresStore one = PostgresStore.open(url);
        PostgresStore two = PostgresStore.open(url)) {
      two.onRemoteChange(told::release);
      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      DesiredState first = one.commit(one.load(), put(1));

      server.kill();
      assertThatThrownBy(() -> one.commit(first, put(2)))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageNotContaining("secret");
      server.restart();

      assertThat(one.load()).isEqualTo(first);
      told.drainPermits();
      DesiredState second = one.commit(first, put(2));
      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      while (!two.load().equals(second)) {
        assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }
}
