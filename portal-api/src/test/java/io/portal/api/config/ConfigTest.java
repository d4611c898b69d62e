package io.portal.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {

  @TempDir private Path directory;

  private Map<String, String> file(String name, String text) throws Exception {
    return Map.of("conf", Files.writeString(directory.resolve(name), text).toString());
  }

  @Test
  void flagsAreStrongerThanTheEnvironmentAndThatThanTheFile() throws Exception {
    Path conf =
        Files.writeString(
            directory.resolve("c.json"),
            "{\"api-port\":1001,\"api-host\":\"127.0.0.2\",\"log-level\":\"DEBUG\"}");
    Config config =
        Config.load(
            Map.of("conf", conf.toString(), "api-port", "1003"),
            Map.of("PORTAL_API_PORT", "1002", "PORTAL_API_HOST", "127.0.0.3"));
    assertThat(config.number(Setting.API_PORT)).isEqualTo(1003);
    assertThat(config.get(Setting.API_HOST)).isEqualTo("127.0.0.3");
    assertThat(config.get(Setting.LOG_LEVEL)).isEqualTo("DEBUG");
    assertThat(config.get(Setting.BALANCER)).isEqualTo("lvs");
  }

  @ParameterizedTest
  @CsvSource({
    "c.json, '{\"reconcile-interval\":\"500ms\",\"insecure\":true}'",
    "c.yaml, 'reconcile-interval: 500ms\ninsecure: true'",
    "c.toml, 'reconcile-interval = \"500ms\"\ninsecure = true'",
    "c.properties, 'reconcile-interval=500ms\ninsecure=true'"
  })
  void everyFormatIsRead(String name, String text) throws Exception {
    Config config = Config.load(file(name, text), Map.of());
    assertThat(config.duration(Setting.RECONCILE_INTERVAL)).isEqualTo(Duration.ofMillis(500));
    assertThat(config.on(Setting.INSECURE)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "c.json, '{\"API-PORT\":1001,\"Insecure\":true}'",
    "c.yaml, 'API-PORT: 1001\nInsecure: yes'",
    "c.toml, 'API-PORT = 1001\nInsecure = true'",
    "c.properties, 'API-PORT=1001\nInsecure=true'"
  })
  void keysHaveNoCase(String name, String text) throws Exception {
    Config config = Config.load(file(name, text), Map.of());
    assertThat(config.number(Setting.API_PORT)).isEqualTo(1001);
    assertThat(config.on(Setting.INSECURE)).isTrue();
    Map<String, String> twice = file("d.yaml", "api-port: 1\nAPI-PORT: 2");
    assertThatThrownBy(() -> Config.load(twice, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageEndingWith("d.yaml: 'api-port' is set twice");
  }

  @Test
  void anEmptyHostOfTheApiIsEveryAddress() {
    Config config = Config.load(Map.of("api-host", "", "log-level", "FATAL"), Map.of());
    assertThat(config.api().getAddress().isAnyLocalAddress()).isTrue();
  }

  @Test
  void wordsOfYamlAreTakenAsTheSettingMeansThem() throws Exception {
    Config config =
        Config.load(
            file("c.yaml", "proxy-http: off\napi-token: no\ninsecure: yes\njust-proxy: Off"),
            Map.of());
    assertThat(config.get(Setting.PROXY_HTTP)).isEqualTo("off");
    assertThat(config.get(Setting.API_TOKEN)).isEqualTo("no");
    assertThat(config.on(Setting.INSECURE)).isTrue();
    assertThat(config.on(Setting.JUST_PROXY)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "c.json, '{\"api-token\":\"hunter2\",\n'",
    "d.json, '{\"api-token\": hunter2}'",
    "c.yaml, 'api-token: hunter2\napi-port: ['",
    "c.toml, 'api-token = \"hunter2\"\napi-port'"
  })
  void whatCannotBeReadIsNotQuoted(String name, String text) throws Exception {
    Map<String, String> conf = file(name, text);
    assertThatThrownBy(() -> Config.load(conf, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching(".*" + name + ", line [123], column [0-9]+: cannot be read: .+")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void anUnknownKeyIsRefusedWithThoseThatThereAre() throws Exception {
    Map<String, String> conf = file("c.json", "{\"api-prot\":1}");
    assertThatThrownBy(() -> Config.load(conf, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("c.json", "api-prot", "api-port");
  }

  @ParameterizedTest
  @CsvSource({"c.json, '[1]'", "c.json, '{'", "c.ini, 'x'", "c.json, '{\"api-port\":{}}'"})
  void whatIsNoConfigurationIsRefused(String name, String text) throws Exception {
    Map<String, String> conf = file(name, text);
    assertThatThrownBy(() -> Config.load(conf, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(name);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Config.load(Map.of("conf", "/nowhere/c.json"), Map.of()))
        .hasMessageContaining("/nowhere/c.json: there is no such file");
  }

  @Test
  void everyFaultIsTold() throws Exception {
    Map<String, String> conf = file("c.yaml", "api-prot: 1\napi-port: 70000\nbalancer: haproxy");
    assertThatThrownBy(() -> Config.load(conf, Map.of("PORTAL_INSECURE", "perhaps")))
        .isInstanceOf(ConfigException.class)
        .satisfies(
            error ->
                assertThat(error.getMessage().lines())
                    .hasSize(4)
                    .anyMatch(line -> line.contains("'api-prot' is no setting"))
                    .anyMatch(line -> line.contains("api-port: '70000' is not allowed"))
                    .anyMatch(line -> line.contains("balancer: 'haproxy' is not allowed"))
                    .anyMatch(line -> line.contains("PORTAL_INSECURE: insecure: 'perhaps'")));
  }

  @Test
  void theTokenCanStandInAFile() throws Exception {
    String file = Files.writeString(directory.resolve("token"), "hunter2\n").toString();
    Map<String, String> exported = Map.of("PORTAL_API_TOKEN", "other");

    assertThat(Config.load(Map.of("api-token-file", file), exported).token()).isEqualTo("hunter2");
    assertThat(
            Config.load(Map.of("api-token", "typed"), Map.of("PORTAL_API_TOKEN_FILE", file))
                .token())
        .isEqualTo("typed");
    assertThatThrownBy(
            () -> Config.load(Map.of("api-token-file", file, "api-token", "x"), Map.of()))
        .hasMessage("api-token and api-token-file: give one of them");
    Config none = Config.load(Map.of("api-token-file", directory + "/none"), Map.of());
    assertThatThrownBy(none::token).hasMessageContaining("there is no such file");
    Files.writeString(directory.resolve("token"), " \n");
    Config empty = Config.load(Map.of("api-token-file", file), Map.of());
    assertThatThrownBy(empty::token).hasMessageContaining("it is empty");
  }
}
