package io.portal.proxy.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * What an operator may decide about requests on their way to targets. Immutable.
 *
 * @param via whether targets are sent {@code Via} (RFC 9110 7.6.3); many stop compressing for it
 * @param underscores whether request headers with an underscore in their name pass; to targets that
 *     follow CGI (RFC 3875 4.1.18) {@code X_Forwarded_For} and {@code X-Forwarded-For} are one
 * @param encodedSlashes whether paths may have encoded slashes, which some targets take for slashes
 * @param noHealthy what is answered when a route has no healthy target
 */
record ForwardingOptions(
    boolean via, boolean underscores, boolean encodedSlashes, HttpResponseStatus noHealthy) {

  /** What holds unless the operator says otherwise. */
  static final ForwardingOptions DEFAULT =
      new ForwardingOptions(false, false, false, HttpResponseStatus.SERVICE_UNAVAILABLE);
}
