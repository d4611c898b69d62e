package io.portal.store.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.base.Throwables;
import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelJsonTest {

  private static final ServiceId SERVICE = ServiceId.parse("tcp-127_0_0_3-80").orElseThrow();
  private static final ModelJson<Service> SERVICES =
      ModelJson.services(name -> Addresses.parse("host", "10.9.9.9"));

  private static Service service(String json) {
    return SERVICES.read(json.getBytes(UTF_8));
  }

  private static String echo(String json) {
    return SERVICES.text(service(json));
  }

  private static String route(String json) {
    return ModelJson.ROUTE.text(ModelJson.ROUTE.read(json.getBytes(UTF_8)));
  }

  @Test
  void aPatchChangesWhatItNamesAsRfc7396Says() throws Exception {
    for (String[] one :
        new String[][] {
          // The table of RFC 7396 appendix A, as far as documents are objects.
          {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
          {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
          {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
          {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
          {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
          {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
          {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
          {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
          {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"}
        }) {
      JsonObject object = JsonObject.read(in(one[0]));
      object.merge(JsonObject.readPatch(in(one[1])));
      assertThat(object)
          .as(one[0] + " with " + one[1])
          .usingRecursiveComparison()
          .isEqualTo(JsonObject.read(in(one[2])));
    }
  }

  private static InputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  @Test
  void answersAServiceAsTheOldPortalDid() {
    assertThat(
            echo(
                "{\"host\":\"127.0.0.3\",\"port\":1234,\"type\":\"tcp\",\"scheduler\":\"rr\","
                    + "\"persistence\":0,\"netmask\":\"\"}"))
        .isEqualTo(
            "{\"id\":\"tcp-127_0_0_3-1234\",\"host\":\"127.0.0.3\",\"port\":1234,"
                + "\"type\":\"tcp\",\"scheduler\":\"rr\",\"persistence\":0,\"netmask\":\"\"}");
  }

  @Test
  void writesEveryFieldInItsOrder() {
    assertThat(
            echo(
                "{\"Id\":\"x\",\"HOST\":\"1.2.3.4\",\"Interface\":\"eth0\",\"port\":80,"
                    + "\"type\":\"udp\",\"netmask\":\"255.255.255.0\",\"new\":{\"a\":[1]},"
                    + "\"servers\":[{\"host\":\"192.168.0.3\",\"port\":8080,\"forwarder\":\"m\","
                    + "\"UpperThreshold\":5,\"LowerThreshold\":2}]}"))
        .isEqualTo(
            "{\"id\":\"udp-10_9_9_9-80\",\"host\":\"10.9.9.9\",\"interface\":\"eth0\","
                + "\"port\":80,\"type\":\"udp\",\"scheduler\":\"wlc\",\"persistence\":0,"
                + "\"netmask\":\"255.255.255.0\",\"servers\":[{\"id\":\"192_168_0_3-8080\","
                + "\"host\":\"192.168.0.3\",\"port\":8080,\"forwarder\":\"m\",\"weight\":1,"
                + "\"upper_threshold\":5,\"lower_threshold\":2}]}");
  }

  @Test
  void traitsAndTunnelsAreShownWhereThereAreAny() {
    String json =
        "{\"id\":\"udp-10_0_0_1-0\",\"host\":\"10.0.0.1\",\"port\":0,\"type\":\"udp\","
            + "\"scheduler\":\"mh\",\"persistence\":60,\"netmask\":\"255.0.0.255\","
            + "\"flags\":[\"ops\",\"mh-port\"],\"pe\":\"sip\",\"servers\":["
            + "{\"id\":\"10_0_0_2-0\",\"host\":\"10.0.0.2\",\"port\":0,\"forwarder\":\"i\","
            + "\"weight\":1,\"upper_threshold\":0,\"lower_threshold\":0,"
            + "\"tunnel\":{\"type\":\"gue\",\"port\":6080,\"checksum\":\"remcsum\"}},"
            + "{\"id\":\"10_0_0_3-0\",\"host\":\"10.0.0.3\",\"port\":0,\"forwarder\":\"i\","
            + "\"weight\":1,\"upper_threshold\":0,\"lower_threshold\":0,"
            + "\"tunnel\":{\"type\":\"gre\"}}]}";
    assertThat(echo(json)).isEqualTo(json);
    assertThat(ModelJson.STORED_SERVICE.text(ModelJson.STORED_SERVICE.read(json.getBytes(UTF_8))))
        .isEqualTo(json);
    assertThat(
            echo(
                "{\"host\":\"10.0.0.1\",\"port\":53,\"type\":\"udp\",\"flags\":[],\"pe\":\"\","
                    + "\"servers\":[{\"host\":\"10.0.0.2\",\"port\":53,\"forwarder\":\"i\","
                    + "\"tunnel\":{\"type\":\"ipip\"}}]}"))
        .doesNotContain("flags", "\"pe\"", "tunnel");
  }

  @Test
  void readsIpv6AndFirewallMarks() {
    assertThat(service("{\"host\":\"2001:DB8::3\",\"port\":80,\"netmask\":\"64\"}").id())
        .hasToString("tcp-2001:db8::3-80");
    assertThat(
            echo("{\"type\":\"fwmark\",\"port\":4294967295,\"servers\":[{\"host\":\"10.0.0.1\"}]}"))
        .startsWith("{\"id\":\"fwmark--4294967295\",\"host\":\"\",\"port\":4294967295,")
        .contains("\"id\":\"10_0_0_1-0\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", ""})
  void aServerOnLoopbackGetsTheAddressOfItsService(String host) {
    Server server =
        ModelJson.servers(SERVICE)
            .read(("{\"host\":\"" + host + "\",\"port\":8080}").getBytes(UTF_8));

    assertThat(server.id()).hasToString("127_0_0_3-8080");
  }

  @Test
  void nullIsAsGoodAsNothing() {
    assertThat(echo("{\"host\":\"1.2.3.4\",\"port\":1,\"scheduler\":null,\"servers\":null}"))
        .contains("\"scheduler\":\"wlc\"")
        .doesNotContain("servers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|Invalid port - '': must be 1 to 65535",
        "{\"host\":\"1.2.3.4\"}|Invalid port - '': must be 1 to 65535",
        "{\"port\":80}|Invalid host - '': must be an IPv4 or IPv6 address",
        "{\"host\":\"a.b\",\"port\":80}|Invalid host - 'a.b': must be an IPv4 or IPv6 address",
        "{\"host\":\"1.2.3.4\",\"port\":65536}|Invalid port - '65536': must be 1 to 65535",
        "{\"host\":\"1.2.3.4\",\"port\":80.5}|Invalid port - '80.5': must be 1 to 65535",
        "{\"host\":\"1.2.3.4\",\"port\":\"80\"}|Invalid port - '80': must be 1 to 65535",
        "{\"host\":1,\"port\":80}|Invalid host - '1': must be a text",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"type\":\"foo\"}|Unsupported Protocol - 'foo': type must"
            + " be one of tcp, udp, sctp, fwmark",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"persistence\":99999999999999999999}|Invalid persistence"
            + " - '99999999999999999999': must be 0 to 2678400 seconds",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"servers\":[{}]}|No Server Found",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"flags\":[\"opps\"]}|Invalid flags - 'opps': must be of"
            + " ops, sh-port, sh-fallback, mh-port, mh-fallback",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"pe\":\"sop\"}|Invalid pe - 'sop': must be sip, or"
            + " empty",
        "{\"host\":\"1.2.3.4\",\"port\":0}|Invalid port - '0': must be 1 to 65535, or 0 (all ports)"
            + " with persistence",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"servers\":[{\"weight\":70000,\"port\":1}]}|Invalid"
            + " weight - '70000': must be 0 to 65535",
      })
  void refusesWithFieldValueAndWhatIsAllowed(String json, String message) {
    assertThatThrownBy(() -> service(json))
        .isInstanceOf(InvalidException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{bad",
        "[]",
        "1",
        "null",
        "{\"a\":1",
        "{} x",
        "{\"host\":\"1.2.3.4\",\"port\":1," + "\"servers\":{}}",
        "{\"host\":\"1.2.3.4\",\"port\":1,\"servers\":[1]}",
        "{\"a\":NaN}"
      })
  void tellsBadJsonFromBadValues(String json) {
    assertThatThrownBy(() -> service(json)).isInstanceOf(BadJsonException.class);
  }

  @Test
  void tellsBadUtf8() {
    byte[] text = "{\"host\":\"?\"}".getBytes(UTF_8);
    text[9] = (byte) 0xff;

    assertThatThrownBy(() -> SERVICES.read(text)).isInstanceOf(BadJsonException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "1", "[1]", "[{\"host\":\"1.2.3.4\",\"port\":1}", "[],"})
  void anArrayMustBeOne(String json) {
    assertThatThrownBy(
            () -> SERVICES.readArray(new ByteArrayInputStream(json.getBytes(UTF_8)), s -> {}))
        .isInstanceOf(BadJsonException.class);
  }

  @Test
  void routesShowNoMoreThanTheyHave() {
    assertThat(route("{\"domain\":\"test.com\"}"))
        .isEqualTo(
            "{\"subdomain\":\"\",\"domain\":\"test.com\",\"path\":\"\",\"targets\":null,"
                + "\"fwdpath\":\"\",\"page\":\"\"}");
    String full =
        "{\"subdomain\":\"a\",\"domain\":\"test.com\",\"path\":\"/p\","
            + "\"targets\":[\"http://10.0.0.1:80/x?y=1\"],\"fwdpath\":\"/\",\"page\":\"\","
            + "\"endpoint\":\"/up\",\"expected_code\":200,\"expected_body\":\"ok\","
            + "\"expected_header\":\"a:b\",\"host\":\"h\",\"timeout\":3000,\"attempts\":3}";
    assertThat(route(full)).isEqualTo(full);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"targets\":[\"http://a b\"]}|targets",
        "{\"targets\":\"http://a\"}|targets",
        "{\"targets\":[null]}|targets",
        "{\"attempts\":-1}|attempts",
        "{\"expected_code\":99}|expected_code",
        "{\"timeout\":3600001}|timeout",
      })
  void refusesRoutes(String json, String field) {
    assertThatThrownBy(() -> route(json))
        .isInstanceOf(InvalidException.class)
        .hasMessageContaining("Invalid " + field);
  }

  @Test
  void halfASurrogatePairDoesNoHarm() {
    assertThat(route("{\"page\":\"a\\ud800b\\ud83d\\ude00\"}"))
        .contains("\"page\":\"a\ufffdb\ud83d\ude00\"");
  }

  @Test
  void pagesThatAreNotGivenStay() {
    ErrorPages now = new ErrorPages("a", "b");

    assertThat(ModelJson.pages(now).read("{\"no-routes\":\"\"}".getBytes(UTF_8)))
        .isEqualTo(new ErrorPages("NoRoutes\n", "b"));
    assertThat(ModelJson.PAGES.text(now)).isEqualTo("{\"no-routes\":\"a\",\"no-healthy\":\"b\"}");
  }

  @Test
  void drainsAreShownToClientsAndKeptByStores() {
    Service draining =
        service("{\"host\":\"1.2.3.4\",\"port\":1,\"servers\":[{\"port\":1}]}")
            .withDrainUntil(Instant.parse("2026-01-02T03:04:05Z"));

    assertThat(SERVICES.text(draining))
        .endsWith("],\"draining\":true,\"drain_until\":\"2026-01-02T03:04:05Z\"}");
    assertThat(SERVICES.read(SERVICES.bytes(draining))).isEqualTo(draining);
    byte[] calledOff =
        SERVICES.text(draining).replace("\"draining\":true", "\"draining\":false").getBytes(UTF_8);
    assertThat(SERVICES.read(calledOff).draining()).isFalse();
    assertThat(ModelJson.STORED_SERVICE.text(draining))
        .endsWith("],\"drain_until\":\"2026-01-02T03:04:05Z\"}");
    assertThat(ModelJson.STORED_SERVICE.read(ModelJson.STORED_SERVICE.bytes(draining)))
        .isEqualTo(draining);
  }

  @Test
  void streamsArraysBothWays() throws Exception {
    List<Service> services = new ArrayList<>();
    for (int i = 1; i <= 1000; i++) {
      services.add(service("{\"host\":\"10.0.0.1\",\"port\":" + i + "}"));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SERVICES.writeArray(out, services);

    List<Service> read = new ArrayList<>();
    SERVICES.readArray(new ByteArrayInputStream(out.toByteArray()), read::add);

    assertThat(read).isEqualTo(services);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"key\": MIIEvQIBADANB}",
        "{\"key\": \"MIIEvQIBADANB\\q\"}",
        "{\"key\": \"MIIEvQIBADANB\n\"}",
        "{\"key\": \"MIIEvQIBADANB",
        "{\"key\": \"MIIEvQIBADANB\"} MIIEvQIBADANB",
        "MIIEvQIBADANB",
        "{MIIEvQIBADANB: 1}"
      })
  void quotesNothingOfWhatIsNoJson(String json) {
    Throwable refusal =
        catchThrowable(() -> ModelJson.CERT.read(json.getBytes(StandardCharsets.UTF_8)));

    assertThat(refusal).isInstanceOf(BadJsonException.class).hasMessageContaining("line 1");
    assertThat(Throwables.getStackTraceAsString(refusal)).doesNotContain("MIIE");
  }
}
