package io.portal.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.portal.api.http.Router;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A table of requests and answers, written as text:
 *
 * <pre>
 * # what the case is about
 * POST /services {"host":"127.0.0.3","port":1234}
 *   200 {"id":"tcp-127_0_0_3-1234",...}
 * </pre>
 *
 * An answer is compared to the letter; one behind a tilde is a regular expression instead.
 *
 * @param cases in their order
 */
record ApiTable(List<Case> cases) {

  static final JsonMapper JSON = new JsonMapper();

  /** What a request asks that no endpoint answers. */
  static final String NO_OPERATION = "";

  private static final Pattern VARIABLE = Pattern.compile(":([a-z_]+)");

  /** Steps that build on each other, begun with an empty daemon. */
  record Case(String title, List<Step> steps) {}

  /** A request and its answer. */
  record Step(String method, String target, String body, int status, String answer) {

    /** Whether that is the body of the answer. */
    boolean matches(String given) {
      return answer.startsWith("~ ")
          ? Pattern.compile(answer.substring(2), Pattern.DOTALL).matcher(given).matches()
          : given.equals(answer + "\n");
    }

    /**
     * The operation of the document that is asked, such as {@code GET /services/{id}}. Of paths
     * that fit, the one with the most words of its own counts, as OpenAPI has it.
     */
    String operation(List<Router.Endpoint> endpoints) {
      String nearest =
          endpoints.stream()
              .map(Router.Endpoint::template)
              .filter(this::fits)
              .min(
                  Comparator.comparingLong(
                      template -> template.chars().filter(c -> c == ':').count()))
              .orElse(NO_OPERATION);
      boolean known =
          endpoints.stream()
              .anyMatch(
                  endpoint ->
                      endpoint.template().equals(nearest) && endpoint.method().equals(method));
      return known ? method + " " + braces(nearest) : NO_OPERATION;
    }

    private boolean fits(String template) {
      String[] pattern = template.split("/", -1);
      String[] segments = target.split("\\?", 2)[0].split("/", -1);
      boolean fits = pattern.length == segments.length;
      for (int i = 0; fits && i < pattern.length; i++) {
        fits =
            pattern[i].startsWith(":") && !segments[i].isEmpty() || pattern[i].equals(segments[i]);
      }
      return fits;
    }
  }

  /** A template of the router as OpenAPI writes it. */
  static String braces(String template) {
    return VARIABLE.matcher(template).replaceAll("{$1}");
  }

  /**
   * The table of that name.
   *
   * @param values what stands for <code>${name}</code> in it, by name
   */
  static ApiTable read(String name, Map<String, String> values) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ApiTable.class.getResourceAsStream("table/" + name), name)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, String> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue());
      }
      return parse(text);
    }
  }

  private static ApiTable parse(String text) {
    List<Case> cases = new ArrayList<>();
    String request = "";
    for (String line : text.split("\n")) {
      if (line.startsWith("# ")) {
        cases.add(new Case(line.substring(2), new ArrayList<>()));
      } else if (line.startsWith("  ")) {
        String[] asked = request.split(" ", 3);
        String[] answered = line.strip().split(" ", 2);
        cases
            .get(cases.size() - 1)
            .steps()
            .add(
                new Step(
                    asked[0],
                    asked[1],
                    asked.length > 2 ? asked[2] : "",
                    Integer.parseInt(answered[0]),
                    answered[1]));
      } else if (!line.isEmpty()) {
        request = line;
      }
    }
    return new ApiTable(cases);
  }
}
