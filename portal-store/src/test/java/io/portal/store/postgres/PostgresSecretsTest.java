package io.portal.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.base.Throwables;
import io.portal.core.Portal;
import io.portal.core.PortalException;
import io.portal.core.model.Cert;
import io.portal.core.port.InMemoryBalancer;
import io.portal.store.servers.AllLogs;
import io.portal.store.servers.RealPostgres;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the database says to a commit, a private key in it is shown to nobody. */
class PostgresSecretsTest {

  private static final Cert CERT = new Cert("A CERTIFICATE", "-----BEGIN KEY-----MIIEvQIBADANB");

  private static RealPostgres server;

  @BeforeAll
  static void startServer() throws Exception {
    server = RealPostgres.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ALTER TABLE portal_item ADD CONSTRAINT no_keys CHECK (value NOT LIKE '%KEY%') | 23514
          ALTER TABLE portal_item ALTER COLUMN value TYPE varchar(9)                     | 22001
          ALTER TABLE portal_item ALTER COLUMN value TYPE integer USING 0                | 42804
          DROP TABLE portal_item                                                         | 42P01
          RAISE EXCEPTION 'no: %', NEW.value                                             | P0001
          RAISE EXCEPTION 'no: %', NEW.value USING ERRCODE = '57P01'                     | 57P01
          RAISE EXCEPTION 'no: %', NEW.value USING ERRCODE = '08006'                     | 08006
          RAISE EXCEPTION 'no: %', NEW.value USING ERRCODE = '23505'                     | 23505
          PERFORM pg_terminate_backend(pg_backend_pid())                                 | 57P01
          """)
  void showsNoKeyThatTheServerRefuses(String obstacle, String state) throws Exception {
    String url = server.newDatabase();
    try (AllLogs logs = AllLogs.collect();
        Portal portal = portal(url)) {
      server.executeIn(url, obstacle.matches("ALTER.*|DROP.*") ? obstacle : trigger(obstacle));

      Throwable refusal = catchThrowable(() -> portal.certs().add(CERT));

      assertThat(refusal).isInstanceOf(PortalException.class).hasMessageContaining(state);
      assertShowsNoKey(refusal, logs);
    }
  }

  @Test
  void showsNoKeyWhenTheServerDiesInTheMiddle() throws Exception {
    String url = server.newDatabase();
    try (AllLogs logs = AllLogs.collect();
        Portal portal = portal(url)) {
      server.executeIn(url, trigger("PERFORM pg_sleep(30)"));
      Thread killer =
          new Thread(
              () -> {
                try {
                  server.awaitStatement(url, "pg_sleep|portal_item");
                  server.kill();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      killer.start();

      Throwable refusal = catchThrowable(() -> portal.certs().add(CERT));
      killer.join();

      assertThat(refusal).isInstanceOf(PortalException.class);
      assertShowsNoKey(refusal, logs);
    } finally {
      server.restart();
    }
  }

  /** The old portal's rows are read when portal starts: what it says then is all that is seen. */
  @Test
  void showsNoKeyOfAnItemThatIsDamaged() throws Exception {
    String url = server.newDatabase();
    try (AllLogs logs = AllLogs.collect()) {
      try (Portal portal = portal(url)) {
        portal.certs().add(CERT);
      }
      for (String damaged : List.of("left(value, -3)", "replace(value, '\"-----', '')")) {
        server.executeIn(url, "UPDATE portal_item SET value = " + damaged);

        Throwable refusal = catchThrowable(() -> portal(url).close());

        assertThat(refusal).hasMessageContaining("is damaged");
        assertShowsNoKey(refusal, logs);
      }
    }
  }

  private static Portal portal(String url) throws Exception {
    return Portal.builder().store(PostgresStore.open(url)).balancer(new InMemoryBalancer()).start();
  }

  private static String trigger(String statement) {
    return "CREATE FUNCTION obstacle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        + statement
        + "; RETURN NEW; END $$; CREATE TRIGGER obstacle BEFORE INSERT OR UPDATE ON portal_item"
        + " FOR EACH ROW EXECUTE FUNCTION obstacle()";
  }

  private static void assertShowsNoKey(Throwable refusal, AllLogs logs) {
    assertThat(Throwables.getStackTraceAsString(refusal)).doesNotContain("MIIE", "BEGIN");
    assertThat(logs.text()).doesNotContain("MIIE", "BEGIN");
  }
}
