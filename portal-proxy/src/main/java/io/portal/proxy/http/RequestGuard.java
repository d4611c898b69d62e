package io.portal.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.portal.proxy.route.RequestPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that everybody reads alike, in the parts that routing asks for.
 *
 * @param authority host and port as the client named them
 * @param host the authority without its port
 * @param raw path and query as they came
 * @param path dot segments resolved, no query
 */
record RequestGuard(String authority, String host, String raw, String path) {

  /** Takes a decoded request apart; null if it is to be refused with 400. */
  static @Nullable RequestGuard of(HttpRequest request) {
    if (request.decoderResult().isFailure()
        || request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            && request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return null;
    }
    List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()
        && (codings.size() != 1
            || !codings.get(0).equalsIgnoreCase("chunked")
            || !request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
      return null;
    }
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() != 1) {
      return null;
    }
    return of(hosts.get(0), request.uri());
  }

  /** Takes the parts of a request apart; null if it is to be refused with 400. */
  static @Nullable RequestGuard of(String hostHeader, String target) {
    String authority = hostHeader;
    String raw = target;
    if (!raw.startsWith("/") && !raw.equals("*")) {
      // Absolute form: its authority goes before the Host header (RFC 9112 3.2.2).
      int scheme = raw.indexOf("://");
      if (scheme < 0) {
        return null;
      }
      int slash = firstOf(raw, scheme + 3);
      authority = raw.substring(scheme + 3, slash);
      raw = raw.substring(slash);
      raw = raw.startsWith("/") ? raw : "/" + raw;
    }
    if (authority.isEmpty() || !hostCharacters(authority) || !clean(target)) {
      return null;
    }
    int question = raw.indexOf('?');
    String path = RequestPath.resolve(question < 0 ? raw : raw.substring(0, question));
    return path == null ? null : new RequestGuard(authority, host(authority), raw, path);
  }

  private static int firstOf(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == '/' || text.charAt(i) == '?') {
        return i;
      }
    }
    return text.length();
  }

  /** No control character and no white space, which would end a request line. */
  static boolean clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == 0x7f || c == '#') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean hostCharacters(String authority) {
    for (int i = 0; i < authority.length(); i++) {
      char c = authority.charAt(i);
      if (c <= ' ' || c >= 0x7f || "/\\@,?#\"<>".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static String host(String authority) {
    if (authority.startsWith("[")) {
      int end = authority.indexOf(']');
      return end < 0 ? authority : authority.substring(0, end + 1);
    }
    int colon = authority.indexOf(':');
    return colon < 0 ? authority : authority.substring(0, colon);
  }
}
