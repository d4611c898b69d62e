package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Answers for people. */
class OutputTest {

  private static final String SERVICES =
      "[{\"id\":\"tcp-10_0_0_1-80\",\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\","
          + "\"scheduler\":\"wlc\",\"persistence\":0,\"netmask\":\"\",\"servers\":["
          + "{\"id\":\"10_0_0_2-80\",\"host\":\"10.0.0.2\",\"port\":80,\"forwarder\":\"g\",\"weight\":1,"
          + "\"upper_threshold\":0,\"lower_threshold\":0},{\"id\":\"10_0_0_3-80\",\"host\":\"10.0.0.3\","
          + "\"port\":80,\"forwarder\":\"m\",\"weight\":10,\"upper_threshold\":0,\"lower_threshold\":0}]},"
          + "{\"id\":\"udp-10_0_0_1-53\",\"host\":\"10.0.0.1\",\"port\":53,\"type\":\"udp\","
          + "\"scheduler\":\"rr\",\"persistence\":300,\"netmask\":\"\"}]\n";

  @Test
  void rawIsAsItCame() {
    assertThat(Output.of("").render("{ \"a\" :1 }\n")).isEqualTo("{ \"a\" :1 }\n");
  }

  @Test
  void servicesInColumns() {
    assertThat(Output.TABLE.render(SERVICES))
        .isEqualTo(
            """
            SERVICE          SCHEDULER  PERSISTENCE  SERVER       FORWARDER  WEIGHT
            tcp-10_0_0_1-80  wlc                     10_0_0_2-80  g               1
                                                     10_0_0_3-80  m              10
            udp-10_0_0_1-53  rr                 300
            """);
  }

  @Test
  void otherThingsInColumns() {
    assertThat(
            Output.TABLE.render(
                "[{\"subdomain\":\"\",\"domain\":\"x.y\",\"path\":\"/a\",\"targets\":[\"http://a\","
                    + "\"http://b\"],\"fwdpath\":\"\",\"page\":\"\",\"expected_code\":200}]"))
        .isEqualTo(
            """
            DOMAIN  PATH  TARGETS            EXPECTED CODE
            x.y     /a    http://a http://b            200
            """);
    assertThat(Output.TABLE.render("[]\n")).isEqualTo("none\n");
    assertThat(Output.TABLE.render("{\"msg\":\"Success\"}\n")).isEqualTo("MSG\nSuccess\n");
  }

  @Test
  void yaml() {
    assertThat(
            Output.YAML.render(
                "{\"a\":[],\"b\":[{\"c\":\"x\",\"d\":{\"e\":1.50}},\"80\",null],\"f\":\"no\","
                    + "\"pem\":\"--\\nAB\\n--\\n\",\"g\":\"10.0.0.1\",\"h\":true,\"i\":[[1,2]]}"))
        .isEqualTo(
            """
            a: []
            b:
              - c: x
                d:
                  e: 1.50
              - "80"
              - null
            f: "no"
            pem: |
              --
              AB
              --
            g: "10.0.0.1"
            h: true
            i:
              - - 1
                - 2
            """);
  }

  @Test
  void indentedJson() {
    assertThat(Output.JSON.render("{\"a\":[1]}")).isEqualTo("{\n  \"a\" : [\n    1\n  ]\n}\n");
  }
}
