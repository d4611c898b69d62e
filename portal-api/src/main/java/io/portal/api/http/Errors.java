package io.portal.api.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.portal.core.ConflictException;
import io.portal.core.InvalidException;
import io.portal.core.NotFoundException;
import io.portal.core.RefusedException;
import io.portal.core.UnavailableException;
import io.portal.store.json.BadJsonException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that turns an error into an answer. */
public final class Errors {

  private static final Logger log = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  /** An error's answer. */
  public static Response response(int status, String message) {
    return Response.json(status, object("error", message));
  }

  /** An object of one text. */
  public static String object(String name, String text) {
    return "{\"" + quoted(name) + "\":\"" + quoted(text) + "\"}";
  }

  private static String quoted(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  /** The answer for what a handler has thrown. */
  static Response of(Throwable error) {
    String message = String.valueOf(error.getMessage());
    if (error instanceof BadJsonException) {
      return response(400, BadJsonException.ANSWER);
    } else if (error instanceof InvalidException) {
      return response(400, message);
    } else if (error instanceof NotFoundException) {
      return response(404, message);
    } else if (error instanceof ConflictException) {
      return response(409, message);
    } else if (error instanceof RefusedException) {
      return response(500, message);
    } else if (error instanceof UnavailableException) {
      return response(503, message);
    }
    log.error("a request met an error it should not", error);
    return response(500, "internal error; the log says more");
  }
}
