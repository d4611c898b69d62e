package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which other configuration the doctor proposes. */
class AlternativeTest {

  private final Settings.Lookup keys =
      new Settings.Lookup(
          new Flags(), Map.of("HOME", "/home/me", "PORTAL_API_PORT", "1234"), Map.of());
  private final List<Settings.Lookup> asked = new ArrayList<>();

  private static Check missing(String name) {
    return Check.lacking(true, name, "", "");
  }

  private Optional<String> find(List<Check> found, Check... again) {
    return new Alternative(keys)
        .find(
            found,
            lookup -> {
              asked.add(lookup);
              return List.of(again);
            });
  }

  @Test
  void theUserspaceBalancerWhereThereIsNoIpvs() {
    assertThat(find(List.of(Check.ok("Java", ""), missing("IPVS"), missing("CAP_NET_ADMIN"))))
        .contains("portal --server --balancer userspace");
    assertThat(asked.get(0).get("balancer")).isEqualTo("userspace");
    assertThat(asked.get(0).get("api-port")).isEqualTo("1234");
    assertThat(keys.get("balancer")).isEqualTo("lvs");
  }

  @Test
  void otherPlacesWhereTheUsualOnesAreNotToBeHad() {
    assertThat(
            find(
                List.of(
                    missing("database"),
                    missing("HTTP port"),
                    missing("HTTPS port"),
                    missing("work directory"))))
        .contains(
            "portal --server --db-connection scribble:///home/me/.portal/db"
                + " --proxy-http 0.0.0.0:8080 --proxy-tls 0.0.0.0:8444"
                + " --work-dir /home/me/.portal");
  }

  @Test
  void nothingIsProposedThatWouldNotRunEither() {
    assertThat(find(List.of(missing("IPVS")), missing("HTTP port"))).isEmpty();
    assertThat(find(List.of(missing("Redis")))).isEmpty();
    assertThat(asked).hasSize(1);
  }
}
