package io.portal.store.json;

/**
 * The text is no JSON, or an array stands where an object belongs or the other way round. The
 * message says where and what.
 */
public final class BadJsonException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What the REST API answers with status 400. */
  public static final String ANSWER = "Bad JSON syntax received in body";

  BadJsonException(String message) {
    super(message);
  }
}
