package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.portal.api.http.Router;
import io.portal.core.port.VipManager;
import io.portal.proxy.tls.Pem;
import io.portal.proxy.tls.SelfSigned;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every path and method of the API, with a success and each of its errors, asked over HTTP of the
 * whole daemon: the tables in {@code table/}, one for each kind of thing. What all paths have in
 * common (401, 405, 413) is asked of each of them here.
 */
class ApiTableTest {

  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "PATCH");

  /** Not ready is a portal whose first pass failed, which needs a daemon of its own. */
  private static final String NOT_IN_TABLES = "GET /readyz 503";

  @TempDir private static Path directory;
  private static TestDaemon daemon;
  private static OpenApiDocument document;
  private static Map<String, ApiTable> tables;

  @BeforeAll
  static void start() throws Exception {
    daemon = TestDaemon.start(directory);
    document = new OpenApiDocument(daemon.ask("GET", "/openapi.json", "").body());
    SelfSigned cert = SelfSigned.create(Instant.now(), List.of("www.example.com"));
    SelfSigned other = SelfSigned.create(Instant.now(), List.of("www.example.com"));
    Map<String, String> values =
        Map.of(
            "port", Integer.toString(daemon.port()),
            "cert", quoted(Pem.text(cert.certificate())),
            "key", quoted(Pem.text(cert.key())),
            "other-key", quoted(Pem.text(other.key())));
    tables = new TreeMap<>();
    for (String name :
        List.of(
            "services",
            "servers",
            "first-api",
            "routes",
            "certs",
            "vips",
            "vips-refused",
            "portal")) {
      tables.put(name, ApiTable.read(name + ".txt", values));
    }
  }

  @AfterAll
  static void stop() {
    daemon.empty(); // a vip would stay on this host
    daemon.close();
  }

  private static String quoted(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  @TestFactory
  Stream<DynamicTest> services() {
    return tests("services");
  }

  @TestFactory
  Stream<DynamicTest> servers() {
    return tests("servers");
  }

  @TestFactory
  Stream<DynamicTest> firstApi() {
    return tests("first-api");
  }

  @TestFactory
  Stream<DynamicTest> routes() {
    return tests("routes");
  }

  @TestFactory
  Stream<DynamicTest> certs() {
    return tests("certs");
  }

  /** Where this process may not change addresses, it is tested that portal says so. */
  @TestFactory
  Stream<DynamicTest> vips() {
    try (VipManager vips = VipManagers.open(daemon.config())) {
      return tests(vips instanceof RefusingVipManager ? "vips-refused" : "vips");
    }
  }

  @TestFactory
  Stream<DynamicTest> portal() {
    return tests("portal");
  }

  private static ApiTable table(String name) {
    ApiTable table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException(name);
    }
    return table;
  }

  private static Stream<DynamicTest> tests(String name) {
    return table(name).cases().stream()
        .map(one -> DynamicTest.dynamicTest(one.title(), () -> run(one)));
  }

  private static void run(ApiTable.Case one) throws Exception {
    daemon.empty();
    for (ApiTable.Step step : one.steps()) {
      HttpResponse<String> response = daemon.ask(step.method(), step.target(), step.body());
      String asked = step.method() + " " + step.target() + " " + step.body();
      if (!step.matches(response.body())) {
        // To show both, for an answer that matches an expression is none to compare with.
        assertThat(response.body()).as(asked).isEqualTo(step.answer() + "\n");
      }
      assertThat(response.statusCode()).as(asked).isEqualTo(step.status());
      String operation = step.operation(daemon.daemon().endpoints());
      if (!operation.equals(ApiTable.NO_OPERATION)) {
        String type = response.headers().firstValue("content-type").orElse("");
        document.check(operation, step.status(), type, response.body());
      }
    }
  }

  @Test
  void everyOperationHasASuccessAndEachOfItsErrorsInATable() {
    Set<String> wanted = new TreeSet<>();
    document
        .operations()
        .forEach(
            (operation, statuses) ->
                statuses.stream()
                    .filter(status -> !List.of("401", "413", "default").contains(status))
                    .forEach(status -> wanted.add(operation + " " + status)));
    wanted.remove(NOT_IN_TABLES);
    Set<String> asked = new TreeSet<>();
    for (ApiTable table : tables.values()) {
      for (ApiTable.Case one : table.cases()) {
        for (ApiTable.Step step : one.steps()) {
          asked.add(step.operation(daemon.daemon().endpoints()) + " " + step.status());
        }
      }
    }
    assertThat(asked).containsAll(wanted);
  }

  @TestFactory
  Stream<DynamicTest> everyPathWantsTheToken() {
    return daemon.daemon().endpoints().stream()
        .map(
            endpoint ->
                DynamicTest.dynamicTest(
                    endpoint.method() + " " + endpoint.template(), () -> askAsStranger(endpoint)));
  }

  private static void askAsStranger(Router.Endpoint endpoint) throws Exception {
    HttpResponse<String> response = daemon.askAsStranger(endpoint.method(), path(endpoint));
    if (endpoint.open()) {
      assertThat(response.statusCode()).isEqualTo(200);
    } else {
      assertThat(response.body())
          .isEqualTo("{\"error\":\"Unauthorized: wrong or missing X-AUTH-TOKEN\"}\n");
      assertThat(response.statusCode()).isEqualTo(401);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyBodyHasALimit() {
    String body = " ".repeat(TestDaemon.MAX_BODY + 1);
    return daemon.daemon().endpoints().stream()
        .filter(
            endpoint ->
                document.takesBody(endpoint.method() + " " + ApiTable.braces(endpoint.template())))
        .map(
            endpoint ->
                DynamicTest.dynamicTest(
                    endpoint.method() + " " + endpoint.template(),
                    () -> {
                      HttpResponse<String> response =
                          daemon.ask(endpoint.method(), path(endpoint), body);
                      assertThat(response.body())
                          .isEqualTo("{\"error\":\"Body too large: at most 100000 bytes\"}\n");
                      assertThat(response.statusCode()).isEqualTo(413);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> everyPathNamesItsMethodsToOthers() {
    Map<String, Set<String>> methods = new TreeMap<>();
    for (Router.Endpoint endpoint : daemon.daemon().endpoints()) {
      methods.computeIfAbsent(path(endpoint), path -> new TreeSet<>()).add(endpoint.method());
    }
    List<DynamicTest> tests = new ArrayList<>();
    methods.forEach(
        (path, known) ->
            METHODS.stream()
                .filter(method -> !known.contains(method))
                .map(
                    method ->
                        DynamicTest.dynamicTest(
                            method + " " + path,
                            () -> askForbidden(method, path, String.join(", ", known))))
                .forEach(tests::add));
    return tests.stream();
  }

  private static void askForbidden(String method, String path, String allowed) throws Exception {
    HttpResponse<String> response = daemon.ask(method, path, "");
    assertThat(response.body())
        .isEqualTo("{\"error\":\"Method not allowed: this path knows " + allowed + "\"}\n");
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().allValues("allow")).containsExactly(allowed);
  }

  /** A path of that template, of things that are not there. */
  private static String path(Router.Endpoint endpoint) {
    return endpoint
        .template()
        .replace(":id", "tcp-1_2_3_4-5")
        .replace(":server_id", "1_2_3_5-6")
        .replace(":type", "tcp")
        .replace(":service_ip", "1.2.3.4")
        .replace(":service_port", "5")
        .replace(":server_ip", "1.2.3.5")
        .replace(":server_port", "6");
  }
}
