package io.portal.api.config;

/**
 * A setting is unknown or has a wrong value: the message names where, the key and what is allowed.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An error with the message that is shown. */
  public ConfigException(String message) {
    super(message);
  }
}
