package io.portal.core.port;

/** A balancer cannot be reached or did not answer; the message says which operation and why. */
public final class BalancerException extends Exception {

  private static final long serialVersionUID = 1L;

  /** An error with its message. */
  public BalancerException(String message) {
    super(message);
  }

  /** An error with its message and cause. */
  public BalancerException(String message, Throwable cause) {
    super(message, cause);
  }
}
