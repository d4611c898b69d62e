package io.portal.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.portal.proxy.route.RequestPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that everybody reads alike, in the parts that routing asks for.
 *
 * @param authority host and port as the client named them
 * @param host the authority without its port
 * @param raw path and query as they came
 * @param path as it is matched, see {@link RequestPath#normalize}
 */
record RequestGuard(String authority, String host, String raw, String path) {

  private static final List<String> SCHEMES = List.of("http://", "https://");

  /**
   * Takes a decoded request apart, whose framing was judged before ({@link RequestHead#framed}, or
   * by HTTP/2 itself); null if it is to be refused with 400.
   */
  static @Nullable RequestGuard of(HttpRequest request, ForwardingOptions options) {
    if (request.decoderResult().isFailure()
        // RFC 9112 3.2.4: the asterisk is for OPTIONS only.
        || request.uri().equals("*") && !request.method().equals(HttpMethod.OPTIONS)) {
      return null;
    }
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() != 1) {
      return null;
    }
    return of(hosts.get(0), request.uri(), options);
  }

  /** Takes the parts of a request apart; null if it is to be refused with 400. */
  static @Nullable RequestGuard of(String hostHeader, String target, ForwardingOptions options) {
    String authority = hostHeader;
    String raw = target;
    if (!raw.startsWith("/") && !raw.equals("*")) {
      // Absolute form: its authority goes before the Host header (RFC 9112 3.2.2).
      int start = authorityStart(raw);
      if (start < 0) {
        return null;
      }
      int slash = firstOf(raw, start);
      authority = raw.substring(start, slash);
      raw = raw.substring(slash);
      raw = raw.startsWith("/") ? raw : "/" + raw;
    }
    String host = host(authority);
    if (host == null || !clean(target)) {
      return null;
    }
    int question = raw.indexOf('?');
    // The asterisk is the server as a whole: the routes of its root.
    String path =
        raw.equals("*")
            ? "/"
            : RequestPath.normalize(
                question < 0 ? raw : raw.substring(0, question), options.encodedSlashes());
    return path == null ? null : new RequestGuard(authority, host, raw, path);
  }

  /** Where the authority of an absolute target starts; -1 if it is none of HTTP. */
  private static int authorityStart(String target) {
    for (String scheme : SCHEMES) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
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

  /**
   * The authority without its port (RFC 3986 3.2.2 and 3.2.3); null if it is none, or has a comma,
   * which makes a list of headers, or a user.
   */
  private static @Nullable String host(String authority) {
    boolean literal = authority.startsWith("[");
    int end = literal ? authority.indexOf(']') + 1 : authority.indexOf(':');
    if (end < 0) {
      end = authority.length();
    }
    int from = literal ? 1 : 0;
    int to = literal ? end - 1 : end;
    if (to <= from || !port(authority, end)) {
      return null;
    }
    for (int i = from; i < to; i++) {
      char c = authority.charAt(i);
      if (!letterOrDigit(c) && (literal ? ":.%-_~" : "-._~%!$&'()*+;=").indexOf(c) < 0) {
        return null;
      }
    }
    return authority.substring(0, end);
  }

  private static boolean letterOrDigit(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  /** Whether nothing is left, or a colon and a port, which may be empty. */
  private static boolean port(String authority, int from) {
    if (from == authority.length()) {
      return true;
    }
    if (authority.charAt(from) != ':' || authority.length() - from > 6) {
      return false;
    }
    int port = 0;
    for (int i = from + 1; i < authority.length(); i++) {
      char c = authority.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + c - '0';
    }
    return port <= 0xffff;
  }
}
