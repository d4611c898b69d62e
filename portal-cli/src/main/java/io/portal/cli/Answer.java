package io.portal.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the API answered.
 *
 * @param status the HTTP status
 * @param body as it came
 */
record Answer(int status, String body) {

  boolean success() {
    return status >= 200 && status < 300;
  }

  /**
   * This answer if it is a success.
   *
   * @throws CliException with the API's own message if it is not
   */
  Answer orRefuse() {
    if (success()) {
      return this;
    }
    String message = message();
    if (status == 401) {
      throw new CliException(
          Exit.UNAUTHORISED, message + "; give it with -t, --api-token-file or PORTAL_API_TOKEN");
    }
    throw new CliException(Exit.REFUSED, message);
  }

  /** The message of {@code {"error":"..."}}, or whatever there is. */
  String message() {
    try {
      if (Json.parse(body, "answer") instanceof Map<?, ?> object
          && object.get("error") instanceof String error) {
        return error;
      }
    } catch (CliException notJson) {
      // somebody else's answer: shown as it is
    }
    @Nullable String line = body.lines().filter(text -> !text.isBlank()).findFirst().orElse(null);
    return "status " + status + (line == null ? "" : ": " + line.strip());
  }
}
