package io.portal.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of the configuration, written and read; no nginx is needed. */
class NginxConfigTest {

  private static final String HEAD = "# head\n";

  private static ServiceId id(String text) {
    return ServiceId.parse(text).orElseThrow();
  }

  private static ServerId server(String text) {
    return ServerId.parse(text).orElseThrow();
  }

  private static ServerSettings masquerading(int weight, long upper) {
    return new ServerSettings(Forwarder.MASQUERADING, weight, upper, 0);
  }

  private static NginxService web() {
    Map<ServerId, ServerSettings> servers = new LinkedHashMap<>();
    servers.put(server("10_0_0_2-8080"), masquerading(3, 100));
    servers.put(server("10_0_0_1-8080"), masquerading(0, 0));
    servers.put(server("10_0_0_3-8080"), masquerading(1, 0));
    return new NginxService(
        id("tcp-192_0_2_1-80"), new ServiceSettings(Scheduler.WLC, Duration.ZERO, null), servers);
  }

  private static NginxService dns() {
    return new NginxService(
        id("udp-2001:db8::1-53"),
        new ServiceSettings(Scheduler.RR, Duration.ofSeconds(300), Netmask.prefix(64, 128)),
        Map.of(server("2001:db8::2-53"), masquerading(1, 0)));
  }

  private static NginxConfig config(NginxService... services) {
    Map<ServiceId, NginxService> byId = new LinkedHashMap<>();
    List.of(services).forEach(service -> byId.put(service.id(), service));
    return new NginxConfig(HEAD, byId);
  }

  @Test
  void isWrittenSo() {
    NginxService empty =
        new NginxService(id("tcp-192_0_2_9-80"), ServiceSettings.DEFAULT, Map.of());

    assertThat(config(dns(), web(), empty).render())
        .isEqualTo(
            """
            # head
            stream {
                map $binary_remote_addr $portal_client_8 {
                    "~(?s)^(?<portal_client_8_match>.{8})" $portal_client_8_match;
                }
                # portal service tcp-192_0_2_1-80 scheduler=wlc persistence=0 netmask=255.255.255.255
                upstream tcp-192_0_2_1-80 {
                    zone tcp-192_0_2_1-80 67k;
                    least_conn;
                    server 10.0.0.2:8080 weight=3 max_conns=100;
                    server 10.0.0.1:8080 down;
                    server 10.0.0.3:8080;
                }
                server {
                    listen 192.0.2.1:80 so_keepalive=on;
                    proxy_timeout 900s;
                    proxy_connect_timeout 5s;
                    proxy_pass tcp-192_0_2_1-80;
                }
                # portal end tcp-192_0_2_1-80
                # portal service tcp-192_0_2_9-80 scheduler=wlc persistence=0 netmask=255.255.255.255
                server {
                    listen 192.0.2.9:80 so_keepalive=on;
                    proxy_timeout 900s;
                    proxy_connect_timeout 5s;
                    return "";
                }
                # portal end tcp-192_0_2_9-80
                # portal service udp-2001:db8::1-53 scheduler=rr persistence=300 netmask=64
                upstream udp-2001_db8__1-53 {
                    zone udp-2001_db8__1-53 65k;
                    hash $portal_client_8;
                    server [2001:db8::2]:53;
                }
                server {
                    listen [2001:db8::1]:53 udp reuseport;
                    proxy_timeout 300s;
                    proxy_connect_timeout 5s;
                    proxy_pass udp-2001_db8__1-53;
                }
                # portal end udp-2001:db8::1-53
            }
            """);
  }

  @Test
  void isReadAsItWasWritten() {
    NginxConfig.Read read = NginxConfig.parse(config(dns(), web()).render());

    assertThat(read.services()).containsOnlyKeys(web().id(), dns().id());
    assertThat(read.services().get(web().id())).isEqualTo(web());
    assertThat(read.services().get(web().id()).servers().keySet().asList())
        .isEqualTo(web().servers().keySet().asList());
    assertThat(read.services().get(dns().id())).isEqualTo(dns());
  }

  @Test
  void anEditedServerIsReadAsItStands() {
    String text = config(web()).render();
    NginxService edited =
        NginxConfig.parse(
                text.replace("weight=3 max_conns=100", "weight=4")
                    .replace("        server 10.0.0.3:8080;\n", ""))
            .services()
            .get(web().id());

    assertThat(edited.exact()).isFalse(); // The zone's size is of three servers.
    assertThat(edited.servers())
        .isEqualTo(
            Map.of(
                server("10_0_0_2-8080"), masquerading(4, 0),
                server("10_0_0_1-8080"), masquerading(0, 0)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "least_conn;",
        "listen 192.0.2.1:80 so_keepalive=on;",
        "proxy_timeout 900s;",
        " down"
      })
  void anythingElseThatIsEditedIsNotWhatWasAskedFor(String removed) {
    NginxService edited =
        NginxConfig.parse(config(web()).render().replace(removed, "")).services().get(web().id());

    assertThat(
            edited.observed(true).settings().isPresent()
                && edited.servers().equals(web().servers()))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"scheduler=wlc", "netmask=255.255.255.255", "# portal service", "# portal end"})
  void aBlockWhoseCommentIsSpoiltIsNotThere(String removed) {
    assertThat(NginxConfig.parse(config(web()).render().replace(removed, "x")).services())
        .isEmpty();
  }

  @Test
  void alienTextHasNoServices() {
    assertThat(NginxConfig.parse("").services()).isEmpty();
    assertThat(NginxConfig.parse("events {}\nstream {\nserver { listen 80; }\n}\n").services())
        .isEmpty();
  }

  @Test
  void aLineBelongsToItsService() {
    NginxConfig config = config(web(), dns());
    List<String> lines = config.render().lines().toList();

    assertThat(config.serviceAt(lines.indexOf("        least_conn;") + 1)).contains(web().id());
    assertThat(config.serviceAt(lines.indexOf("        hash $portal_client_8;") + 1))
        .contains(dns().id());
    assertThat(config.serviceAt(1)).isEmpty();
    assertThat(config.serviceAt(lines.size())).isEmpty();
    assertThat(config.serviceAt(lines.size() + 100)).isEmpty();
  }

  @Test
  void aRefusalNamesItsServices() {
    NginxConfig config = config(web(), dns());
    NginxRefusal both =
        new NginxRefusal(
            "nginx refuses the configuration: bind() to 192.0.2.1:80 failed (98: Address already in"
                + " use); bind() to [2001:db8::1]:53 failed (99: Cannot assign requested address)");

    assertThat(both.culprits(config)).containsExactlyInAnyOrder(web().id(), dns().id());
    assertThat(both.reason(web().id()))
        .isEqualTo("bind() to 192.0.2.1:80 failed (98: Address already in use)");
    assertThat(new NginxRefusal("no idea").culprits(config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "RR, ''",
    "WRR, ''",
    "LC, least_conn;",
    "WLC, least_conn;",
    "LBLC, least_conn;",
    "LBLCR, least_conn;",
    "SED, least_conn;",
    "NQ, least_conn;",
    "SH, hash $remote_addr consistent;",
    "MH, hash $remote_addr consistent;",
    "DH, hash $server_addr;",
    "TWOS, random two least_conn;"
  })
  void eachSchedulerHasItsDirective(Scheduler scheduler, String directive) {
    assertThat(NginxRules.method(new ServiceSettings(scheduler, Duration.ZERO, null)))
        .isEqualTo(directive);
  }

  @Test
  void persistenceHashesTheClient() {
    ServiceSettings sticky = new ServiceSettings(Scheduler.WLC, Duration.ofSeconds(10), null);
    assertThat(NginxRules.method(sticky)).isEqualTo("hash $remote_addr;");
    assertThat(
            NginxRules.method(
                new ServiceSettings(
                    Scheduler.WLC, Duration.ofSeconds(10), Netmask.parse("255.255.255.0", 32))))
        .isEqualTo("hash $portal_client_3;");
    assertThat(
            NginxRules.refuse(
                ServiceType.TCP,
                new ServiceSettings(
                    Scheduler.WLC, Duration.ofSeconds(10), Netmask.parse("255.255.240.0", 32))))
        .hasToString(
            "netmask '255.255.240.0' must be of whole bytes with the nginx balancer: nginx groups"
                + " clients by bytes of their address");
  }
}
