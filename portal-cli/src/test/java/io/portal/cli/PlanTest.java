package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What an import would do, said before it does it. */
class PlanTest {

  private static String plan(Section section, String stored, String wanted) {
    Plan plan = new Plan();
    plan.compare(
        section,
        section.elements(Json.parse(stored, "stored")),
        section.elements(Json.parse(wanted, "wanted")));
    return plan.toString();
  }

  @Test
  void aHandWrittenServiceEqualsWhatPortalMakesOfIt() {
    assertThat(
            plan(
                Section.SERVICES,
                "[{\"id\":\"tcp-10_0_0_1-80\",\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\","
                    + "\"scheduler\":\"wlc\",\"persistence\":0,\"netmask\":\"\",\"servers\":["
                    + "{\"id\":\"10_0_0_1-81\",\"host\":\"10.0.0.1\",\"port\":81,\"forwarder\":\"m\","
                    + "\"weight\":1,\"upper_threshold\":5,\"lower_threshold\":0}]}]",
                "[{\"Host\":\"10.0.0.1\",\"port\":80,\"servers\":[{\"port\":81,\"forwarder\":\"m\","
                    + "\"UpperThreshold\":5}]}]"))
        .isEqualTo("0 to add, 0 to change, 0 to remove, 1 the same\n");
  }

  @Test
  void whatDiffersIsNamed() {
    assertThat(
            plan(
                Section.SERVICES,
                "[{\"host\":\"10.0.0.1\",\"port\":80,\"scheduler\":\"rr\",\"servers\":["
                    + "{\"host\":\"10.0.0.2\",\"port\":80},{\"host\":\"10.0.0.3\",\"port\":80}]},"
                    + "{\"host\":\"10.0.0.9\",\"port\":80}]",
                "[{\"host\":\"10.0.0.1\",\"port\":80,\"scheduler\":\"sh\",\"servers\":["
                    + "{\"host\":\"10.0.0.2\",\"port\":80,\"weight\":0},"
                    + "{\"host\":\"10.0.0.4\",\"port\":80}]},{\"host\":\"10.0.0.8\",\"port\":80}]"))
        .isEqualTo(
            """
            ~ service tcp-10_0_0_1-80: scheduler rr -> sh, server 10_0_0_2-80 \
            (weight 1 -> 0), - server 10_0_0_3-80, \
            + server 10_0_0_4-80
            + service tcp-10_0_0_8-80
            - service tcp-10_0_0_9-80
            1 to add, 1 to change, 1 to remove, 0 the same
            """);
  }

  @Test
  void aKeyIsNeverShown() {
    assertThat(
            plan(
                Section.CERTS,
                "[{\"cert\":\"C\",\"key\":\"old secret\"}]",
                "[{\"cert\":\"C\",\"key\":\"new secret\"}]"))
        .contains("another key")
        .doesNotContain("secret");
  }
}
