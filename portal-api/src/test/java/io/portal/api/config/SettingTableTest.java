package io.portal.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every key from every source, in the order of their strength, and a wrong value of each. */
class SettingTableTest {

  private static final String ANYTHING = "";

  /** Key, three values that it may have and its default is not, a value that it may not have. */
  private static final List<String> TABLE =
      List.of(
          "adopt | true | false | true | yes",
          "allow-anonymous | true | false | true | yes",
          "api-cert | /a.pem | /b.pem | /c.pem |",
          "api-host | 127.0.0.2 | ::1 | 10.0.0.1 | nowhere.example",
          "api-key | /a.key | /b.key | /c.key |",
          "api-key-password | a | b | c |",
          "api-port | 1001 | 1002 | 1003 | 65536",
          "api-token | a | b | c |",
          "api-token-file | /a.token | /b.token | /c.token |",
          "balancer | userspace | nginx | userspace | ipvs",
          "clear-on-exit | true | false | true | 1",
          "cluster-answer-timeout | 1s | 2s | 3s | 0s",
          "cluster-connection | redis://a:1 | redis://b:1 | redis://c:1 | http://x",
          "cluster-dead-after | 1s | 2s | 3s | soon",
          "cluster-token | a | b | c |",
          "cluster-vip-lease | 1s | 2s | 4s | -1s",
          "db-connection | scribble:///a | scribble:///b | scribble:///c | mysql://x",
          "firewall | nftables | none | nftables | iptables",
          "health-interval | 1s | 2s | 3s | 1d",
          "ignore-addresses | 10.0.0.0/8 | 10.1.0.0/16 | 10.2.0.0/16 | 10.0.0.0/33",
          "insecure | true | false | true | yes",
          "ipvs-sync | eth0 | eth1 | eth2 | a/b",
          "ipvs-sync-id | 1 | 2 | 3 | 256",
          "ipvs-sysctls | off | on | off | true",
          "just-proxy | true | false | true | on",
          "log-file | /a.log | /b.log | /c.log |",
          "log-format | json | text | json | xml",
          "log-level | DEBUG | WARN | ERROR | LOUD",
          "max-body | 1 | 2 | 3 | -1",
          "metrics-servers | on | off | on | some",
          "nginx-pid | /a.pid | /b.pid | /c.pid |",
          "proxy-default-cert | a.example.com | b.example.com | *.c.example.com | a/b",
          "proxy-drain | 1s | 2s | 3s | 0",
          "proxy-encoded-slashes | true | false | true | yes",
          "proxy-http | 127.0.0.1:81 | 127.0.0.1:82 | off | 80",
          "proxy-idle-timeout | 1s | 2s | 3s | 0",
          "proxy-ignore-upstream | true | false | true | maybe",
          "proxy-no-healthy-status | 502 | 503 | 502 | 500",
          "proxy-response-timeout | 1s | 2s | 3s | 0",
          "proxy-tls | 127.0.0.1:444 | 127.0.0.1:445 | off | 127.0.0.1",
          "proxy-trusted | 10.0.0.0/8 | 10.1.0.0/16 | ::1/128 | everybody",
          "proxy-underscore-headers | true | false | true | yes",
          "proxy-via | true | false | true | 1",
          "reconcile-interval | 1s | 2s | 3s | 0s",
          "server | true | false | true | yes",
          "set-aside-damaged | true | false | true | yes",
          "take | true | false | true | yes",
          "vip-detect-duplicates | true | false | true | yes",
          "work-dir | /a | /b | /c |");

  @TempDir private Path directory;

  static Stream<Arguments> table() {
    return TABLE.stream()
        .map(
            row -> {
              String[] cells = row.split("\\|", -1);
              return Arguments.of(
                  Setting.of(cells[0].strip()).orElseThrow(),
                  cells[1].strip(),
                  cells[2].strip(),
                  cells[3].strip(),
                  cells[4].strip());
            });
  }

  @Test
  void theTableIsWhole() {
    assertThat(table().map(row -> row.get()[0]).collect(Collectors.toList()))
        .containsExactlyInAnyOrder((Object[]) Setting.values());
  }

  private Map<String, String> file(Setting setting, String value) throws Exception {
    String line = setting.key() + "=" + value;
    return Map.of(
        "conf", Files.writeString(directory.resolve("portal.properties"), line).toString());
  }

  @ParameterizedTest
  @MethodSource("table")
  void isReadFromFileEnvironmentAndFlag(
      Setting setting, String inFile, String inEnvironment, String asFlag, String wrong)
      throws Exception {
    assertThat(inFile).as("another value than the default").isNotEqualTo(setting.fallback());
    Map<String, String> file = file(setting, inFile);
    Map<String, String> environment = Map.of(setting.variable(), inEnvironment);
    assertThat(Config.load(file, Map.of()).get(setting)).isEqualTo(inFile);
    assertThat(Config.load(file, environment).get(setting)).isEqualTo(inEnvironment);
    Map<String, String> flags = Map.of("conf", file.get("conf"), setting.key(), asFlag);
    assertThat(Config.load(flags, environment).get(setting)).isEqualTo(asFlag);
  }

  @ParameterizedTest
  @MethodSource("table")
  void refusesAWrongValueWithItsSource(
      Setting setting, String inFile, String inEnvironment, String asFlag, String wrong)
      throws Exception {
    if (wrong.equals(ANYTHING)) {
      // Any text is a name, a path or a secret.
      assertThat(Config.load(Map.of(setting.key(), "any thing"), Map.of()).get(setting))
          .isEqualTo("any thing");
      return;
    }
    assertThatThrownBy(() -> Config.load(Map.of(setting.key(), wrong), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("--" + setting.key(), "'" + wrong + "'", "must be");
    assertThatThrownBy(() -> Config.load(Map.of(), Map.of(setting.variable(), wrong)))
        .hasMessageContainingAll(setting.variable(), "'" + wrong + "'", "must be");
    Map<String, String> file = file(setting, wrong);
    assertThatThrownBy(() -> Config.load(file, Map.of()))
        .hasMessageContainingAll("portal.properties", setting.key(), "'" + wrong + "'");
  }
}
