package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code ipvsadm -Sn} saves, line by line. */
class IpvsadmRulesTest {

  private static String json(String rules) {
    return Json.write(IpvsadmRules.parse(rules).services());
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
  void traitsTunnelsAndNegativeMarks() {
    assertThat(
            json(
                """
                -A -u 10.0.0.1:53 -s rr -o
                -A -t 10.0.0.1:0 -s sh -b sh-fallback,sh-port -p 60 -M 255.0.255.0
                -A -u 10.0.0.1:5060 -s rr -p 60 --pe sip
                -A -f -1 -s rr
                -a -f -1 -r 10.0.0.2:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum
                """))
        .isEqualTo(
            "[{\"host\":\"10.0.0.1\",\"port\":53,\"type\":\"udp\",\"scheduler\":\"rr\","
                + "\"flags\":[\"ops\"],\"servers\":[]},"
                + "{\"host\":\"10.0.0.1\",\"port\":0,\"type\":\"tcp\",\"scheduler\":\"sh\","
                + "\"persistence\":60,\"netmask\":\"255.0.255.0\","
                + "\"flags\":[\"sh-fallback\",\"sh-port\"],\"servers\":[]},"
                + "{\"host\":\"10.0.0.1\",\"port\":5060,\"type\":\"udp\",\"scheduler\":\"rr\","
                + "\"persistence\":60,\"pe\":\"sip\",\"servers\":[]},"
                + "{\"host\":\"\",\"port\":4294967295,\"type\":\"fwmark\",\"scheduler\":\"rr\","
                + "\"servers\":[{\"host\":\"10.0.0.2\",\"port\":0,\"forwarder\":\"i\","
                + "\"weight\":1,\"tunnel\":{\"type\":\"gue\",\"port\":6080,"
                + "\"checksum\":\"remcsum\"}}]}]");
  }

  private static List<String> refused(String rules) {
    return IpvsadmRules.parse(rules).refused();
  }

  @Test
  void everyLineThatCannotBeTakenIsNamedAndTheRestIsThere() {
    String rules =
        """
        -A -t 10.0.0.1:80 -s sh
        -A -t 10.0.0.2:80 -s rr -b flag-3
        -a -t 10.0.0.2:80 -r 10.0.0.9:80 -g
        -a -t 10.0.0.1:80 -r 10.0.0.9:80 -q
        -a -t 10.0.0.3:80 -r 10.0.0.2:80 -g
        -A -t web:http -s rr
        -A -t 10.0.0.1:81 -s\
        """;
    assertThat(refused(rules))
        .containsExactly(
            "line 2: portal has no place for flag 'flag-3'\n  -A -t 10.0.0.2:80 -s rr -b flag-3",
            "line 3: its service is left out\n  -a -t 10.0.0.2:80 -r 10.0.0.9:80 -g",
            "line 4: portal has no place for '-q'\n  -a -t 10.0.0.1:80 -r 10.0.0.9:80 -q",
            "line 5: no -A line before it adds its service\n  -a -t 10.0.0.3:80 -r 10.0.0.2:80 -g",
            "line 6: port: 'http' is not a number (save the rules with ipvsadm -Sn)\n"
                + "  -A -t web:http -s rr",
            "line 7: -s needs a value\n  -A -t 10.0.0.1:81 -s");
    assertThat(json(rules)).contains("10.0.0.1").doesNotContain("10.0.0.2", "web");
  }
}
