package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** {@code /openapi.json} as a daemon answers it, and what it says of answers and bodies. */
final class OpenApiDocument {

  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);

  private final String text;
  private final JsonNode root;

  OpenApiDocument(String text) throws IOException {
    this.text = text;
    // Where JSON Schema by itself keeps what is referred to.
    root = new JsonMapper().readTree(text.replace("#/components/schemas/", "#/$defs/"));
  }

  String text() {
    return text;
  }

  /** The statuses that each operation names, by method and path: {@code GET /services/{id}}. */
  Map<String, Set<String>> operations() {
    Map<String, Set<String>> operations = new TreeMap<>();
    root.get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        operation -> {
                          Set<String> statuses = new TreeSet<>();
                          operation
                              .getValue()
                              .get("responses")
                              .fieldNames()
                              .forEachRemaining(statuses::add);
                          operations.put(
                              operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                              statuses);
                        }));
    return operations;
  }

  /** Whether the operation takes a body. */
  boolean takesBody(String operation) {
    return root.at(pointer(operation)).has("requestBody");
  }

  /** The names of the operation's query parameters. */
  Set<String> queryOf(String operation) {
    Set<String> names = new TreeSet<>();
    for (JsonNode parameter : root.at(pointer(operation)).path("parameters")) {
      JsonNode named = parameter.path("$ref");
      JsonNode resolved = named.isMissingNode() ? parameter : root.at(named.asText().substring(1));
      if (resolved.get("in").asText().equals("query")) {
        names.add(resolved.get("name").asText());
      }
    }
    return names;
  }

  /** Fails unless the answer is one that the document promises. */
  void check(String operation, int status, String contentType, String body) {
    String responses = pointer(operation) + "/responses/";
    String promised = root.at(responses + status).isMissingNode() ? "default" : "" + status;
    if (promised.equals("default")) {
      // What a GET takes of the query alone can be wrong, and that only with strict.
      assertThat(status)
          .as("%s: a status that is not in the document", operation)
          .isIn(operation.startsWith("GET ") ? List.of(400, 500, 503) : List.of(500, 503));
    }
    String response = responses + promised;
    JsonNode named = root.at(response).path("$ref");
    String content = (named.isMissingNode() ? response : named.asText().substring(1)) + "/content/";
    String type = contentType.split(";", 2)[0];
    assertThat(root.at(content + escaped(type)).isObject())
        .as("%s: %s answers %s", operation, status, type)
        .isTrue();
    if (type.equals("application/json")) {
      assertThat(schema(content + escaped(type) + "/schema").validate(body, InputFormat.JSON))
          .as("%s: %s", operation, body)
          .isEmpty();
    }
  }

  /** The named schema. */
  JsonSchema schemaOf(String name) {
    return schema("/components/schemas/" + name);
  }

  /** Every property of the named schema, those of the schemas it is made of among them. */
  Map<String, JsonNode> properties(String name) {
    JsonNode schema = root.at("/components/schemas/" + name);
    Map<String, JsonNode> properties = new TreeMap<>();
    for (JsonNode part : schema.path("allOf")) {
      String other = part.get("$ref").asText();
      properties.putAll(properties(other.substring(other.lastIndexOf('/') + 1)));
    }
    schema
        .path("properties")
        .properties()
        .forEach(property -> properties.put(property.getKey(), property.getValue()));
    return properties;
  }

  private JsonSchema schema(String pointer) {
    ObjectNode schema = root.at(pointer).deepCopy();
    schema.set("$defs", root.at("/components/schemas"));
    return SCHEMAS.getSchema(schema);
  }

  private static String pointer(String operation) {
    String[] parts = operation.split(" ", 2);
    return "/paths/" + escaped(parts[1]) + "/" + parts[0].toLowerCase(Locale.ROOT);
  }

  private static String escaped(String part) {
    return part.replace("~", "~0").replace("/", "~1");
  }
}
