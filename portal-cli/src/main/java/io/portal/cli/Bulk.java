package io.portal.cli;

import java.util.List;

/** Replaces whole lists, and tells how far it is when there are many. */
final class Bulk {

  /** More things than this take long enough that somebody wonders. */
  static final int MANY = 1_000;

  private Bulk() {}

  /** Sends the JSON of {@code --json} as the whole list, and prints the answer. */
  static Exit put(Invocation in, String path, String things) {
    String json = in.requiredJson();
    List<?> elements = Json.array(Json.parse(json, "--json"), "--json");
    JsonSource source = JsonSource.of(in.flags().get("json"));
    return in.show(put(in, source, path, things, elements.size(), json));
  }

  /** Sends a list; with more than a thousand things the progress goes to standard error. */
  static Answer put(
      Invocation in, JsonSource source, String path, String things, int count, String json) {
    if (count <= MANY) {
      return in.askWith(source, "PUT", path, json);
    }
    try (Progress progress = new Progress(in.terminal(), count + " " + things)) {
      Answer answer = in.askWith(source, "PUT", path, json);
      progress.done();
      return answer;
    }
  }
}
