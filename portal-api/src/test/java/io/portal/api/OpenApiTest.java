package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import io.portal.api.http.Router;
import io.portal.core.InvalidException;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.ServiceId;
import io.portal.store.json.ModelJson;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The OpenAPI document is valid, and says of the daemon what is true. */
class OpenApiTest {

  private static final ServiceId MARK = ServiceId.parse("fwmark--7").orElseThrow();

  @TempDir private static Path directory;
  private static TestDaemon daemon;
  private static OpenApiDocument document;

  @BeforeAll
  static void start() throws Exception {
    daemon = TestDaemon.start(directory);
    document = new OpenApiDocument(daemon.ask("GET", "/openapi.json", "").body());
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  @Test
  void itIsValid() {
    SwaggerParseResult result = new OpenAPIV3Parser().readContents(document.text());
    assertThat(result.getMessages()).isEmpty();
    assertThat(result.getOpenAPI().getOpenapi()).startsWith("3.1.");
    assertThat(document.text()).endsWith("}\n");
  }

  @Test
  void whatIsNotValidWouldBeFound() {
    String broken = document.text().replace("\"responses\": {", "\"answers\": {");
    assertThat(new OpenAPIV3Parser().readContents(broken).getMessages()).isNotEmpty();
  }

  @Test
  void itHasEveryPathOfTheDaemonAndNoOther() {
    Set<String> served = new TreeSet<>();
    for (Router.Endpoint endpoint : daemon.daemon().endpoints()) {
      served.add(endpoint.method() + " " + ApiTable.braces(endpoint.template()));
    }
    assertThat(document.operations().keySet()).isEqualTo(served);
  }

  @Test
  void everyOperationHasTheQueryThatTheDaemonReads() {
    for (Router.Endpoint endpoint : daemon.daemon().endpoints()) {
      String operation = endpoint.method() + " " + ApiTable.braces(endpoint.template());
      Set<String> documented = new TreeSet<>(document.queryOf(operation));
      documented.remove("strict");
      assertThat(documented).as(operation).isEqualTo(endpoint.query());
      if (document.takesBody(operation) || endpoint.method().equals("DELETE")) {
        assertThat(document.queryOf(operation)).as(operation).contains("strict");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aStrictClientMaySendTheSchemasFieldsAndNoOther(Model model) throws Exception {
    String stored = model.schema().replace("New", "");
    assertThat(model.json().fields())
        .containsExactlyInAnyOrderElementsOf(document.properties(stored).keySet());
    ObjectNode object = (ObjectNode) ApiTable.JSON.readTree(model.least());
    assertThat(taken(model.json().strict(), object.toString())).isTrue();
    object.put("color", "blue");
    assertThat(taken(model.json(), object.toString())).isTrue();
    assertThat(taken(model.json().strict(), object.toString())).isFalse();
  }

  /** How a schema's values are read. */
  private record Model(String schema, String least, ModelJson<?> json) {}

  static Stream<Model> models() {
    return Stream.of(
        new Model(
            "NewService",
            "{\"host\":\"10.0.0.1\",\"port\":80,\"type\":\"tcp\"}",
            ModelJson.SERVICE),
        new Model("NewService", "{\"port\":80,\"type\":\"fwmark\"}", ModelJson.SERVICE),
        new Model("NewServer", "{\"host\":\"10.0.0.9\",\"port\":80}", ModelJson.servers(MARK)),
        new Model("NewRoute", "{}", ModelJson.ROUTE),
        new Model("NewVip", "{\"ip\":\"10.0.0.1\",\"interface\":\"eth0\"}", ModelJson.VIP),
        new Model("NewCert", "{\"cert\":\"c\",\"key\":\"k\"}", ModelJson.CERT),
        new Model("NewErrorPages", "{}", ModelJson.pages(ErrorPages.DEFAULT)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void aValueIsTakenWhereTheSchemaAllowsItAndOnlyThere(Model model) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : document.properties(model.schema()).entrySet()) {
      for (JsonNode value : valuesAround(property.getValue())) {
        ObjectNode object = (ObjectNode) ApiTable.JSON.readTree(model.least());
        object.set(property.getKey(), value);
        if (property.getKey().equals("lower_threshold")) {
          object.put("upper_threshold", 4294967295L);
        }
        if (property.getKey().equals("type") && value.asText().equals("fwmark")) {
          object.remove("host");
        }
        String text = object.toString();
        boolean allowed =
            document.schemaOf(model.schema()).validate(text, InputFormat.JSON).isEmpty();
        if (allowed != taken(model.json(), text)) {
          wrong.add((allowed ? "allowed but refused: " : "taken but not allowed: ") + text);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("models")
  void whatIsNotGivenIsTheSchemasDefault(Model model) throws Exception {
    ObjectNode least = (ObjectNode) ApiTable.JSON.readTree(model.least());
    JsonNode stored = ApiTable.JSON.readTree(written(model.json(), model.least()));
    document
        .properties(model.schema())
        .forEach(
            (name, property) -> {
              if (property.has("default") && !least.has(name) && stored.has(name)) {
                assertThat(stored.get(name)).as(name).isEqualTo(property.get("default"));
              }
            });
  }

  private static boolean taken(ModelJson<?> json, String text) {
    try {
      json.read(text.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (InvalidException | io.portal.store.json.BadJsonException refused) {
      return false;
    }
  }

  private static <T> String written(ModelJson<T> json, String text) {
    return json.text(json.read(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Values at the edges of what the property allows, beyond them, and of other types. */
  private static List<JsonNode> valuesAround(JsonNode property) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    List<JsonNode> values = new ArrayList<>();
    switch (property.path("type").asText("array")) {
      case "integer" -> {
        values.add(nodes.textNode("1"));
        values.add(nodes.numberNode(1.5));
        values.add(nodes.booleanNode(true));
        for (long edge : edges(property)) {
          values.add(nodes.numberNode(edge));
        }
      }
      case "string" -> {
        values.add(nodes.numberNode(1));
        values.add(nodes.booleanNode(false));
        values.add(nodes.arrayNode());
        property.path("enum").forEach(values::add);
        if (property.has("enum")) {
          values.add(nodes.textNode("no-such-one"));
        }
      }
      default -> {
        values.add(nodes.numberNode(1));
        values.add(nodes.arrayNode());
        values.add(nodes.objectNode());
        values.add(nodes.arrayNode().add(1));
      }
    }
    return values;
  }

  private static List<Long> edges(JsonNode property) {
    List<Long> edges = new ArrayList<>(List.of(-1L, 0L, 1L, 99L, 100L, 599L, 600L, 65535L, 65536L));
    for (JsonNode bound : List.of(property.path("minimum"), property.path("maximum"))) {
      if (bound.isNumber()) {
        edges.addAll(List.of(bound.asLong() - 1, bound.asLong(), bound.asLong() + 1));
      }
    }
    return edges;
  }
}
