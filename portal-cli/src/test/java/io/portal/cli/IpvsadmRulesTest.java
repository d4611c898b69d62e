package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What {@code ipvsadm -Sn} saves, line by line. */
class IpvsadmRulesTest {

  private static String json(String rules) {
    return Json.write(IpvsadmRules.parse(rules));
  }

  @Test
  void servicesAndTheirServers() {
    assertThat(
            json(
                """
                -A -t 10.0.0.1:80 -s wlc -p 300 -M 255.255.255.0
                -a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 5 -x 100 -y 50
                -a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 1

                -A -u [2001:db8::1]:53 -s rr
                -a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -i -w 0 --tun-type ipip
                """))
        .isEqualTo(
            "[{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\",\"scheduler\":\"wlc\","
                + "\"persistence\":300,\"netmask\":\"255.255.255.0\",\"servers\":["
                + "{\"host\":\"10.0.0.2\",\"port\":8080,\"forwarder\":\"m\",\"weight\":5,"
                + "\"upper_threshold\":100,\"lower_threshold\":50},"
                + "{\"host\":\"10.0.0.3\",\"port\":80,\"forwarder\":\"g\",\"weight\":1}]},"
                + "{\"host\":\"2001:db8::1\",\"port\":53,\"type\":\"udp\",\"scheduler\":\"rr\","
                + "\"servers\":[{\"host\":\"2001:db8::2\",\"port\":53,\"forwarder\":\"i\","
                + "\"weight\":0}]}]");
  }

  @Test
  void firewallMarks() {
    assertThat(json("-A -f 7 -s rr\n-a -f 7 -r 10.0.0.2:0 -g -w 1\n-A -f 8 -6 -s rr\n"))
        .isEqualTo(
            "[{\"host\":\"\",\"port\":7,\"type\":\"fwmark\",\"scheduler\":\"rr\",\"servers\":["
                + "{\"host\":\"10.0.0.2\",\"port\":0,\"forwarder\":\"g\",\"weight\":1}]},"
                + "{\"host\":\"::\",\"port\":8,\"type\":\"fwmark\",\"scheduler\":\"rr\","
                + "\"servers\":[]}]");
  }

  @Test
  void whatPortalCannotHoldIsNamedWithItsLine() {
    assertThatThrownBy(() -> json("-A -t 10.0.0.1:80 -s sh\n-A -t 10.0.0.2:80 -s sh -b sh-port"))
        .hasMessage("line 2: portal has no place for '-b'\n  -A -t 10.0.0.2:80 -s sh -b sh-port");
    assertThatThrownBy(() -> json("-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g"))
        .hasMessageStartingWith("line 1: no -A line before it adds its service");
    assertThatThrownBy(() -> json("-A -t web:http -s rr"))
        .hasMessageStartingWith(
            "line 1: port: 'http' is not a number (save the rules with ipvsadm -Sn)");
    assertThatThrownBy(() -> json("-A -t 10.0.0.1:80 -s")).hasMessageContaining("-s needs a value");
  }
}
