package io.portal.api.http;

/** Answers a request; runs on a worker and may block. What it throws becomes an error's answer. */
@FunctionalInterface
public interface Handler {

  /** Answers. */
  Response handle(Request request) throws Exception;
}
