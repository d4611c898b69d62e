package io.portal.proxy.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpMessage;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which headers pass a proxy, and those it adds (RFC 9110 7.6). Stateless. */
final class Forwarding {

  /** RFC 9110 7.6.1, without TE, whose "trailers" passes, and Transfer-Encoding, which frames. */
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "keep-alive", "proxy-connection", "upgrade", "te", "http2-settings");

  private static final long HOP_LENGTHS =
      HOP_BY_HOP.stream().mapToLong(name -> 1L << name.length()).reduce(0, (a, b) -> a | b);

  /**
   * What frames or routes a message, or says who asked, has no place in trailers (RFC 9110 6.5.1).
   */
  private static final Set<String> NO_TRAILERS =
      Set.of("host", "content-length", "transfer-encoding", "trailer", "via");

  private static final String STREAM_PREFIX = "x-http2-";
  private static final String FORWARDED_PREFIX = "x-forwarded-";

  /** What proxies tell of a client beside {@code X-Forwarded-*} (RFC 7239, and nginx' habit). */
  private static final Set<String> ABOUT_CLIENT = Set.of("forwarded", "x-real-ip");

  private Forwarding() {}

  /** Whether a header, its name in lower case, is meant for the next hop only. */
  static boolean ofOneHop(String name) {
    return HOP_BY_HOP.contains(name);
  }

  /** Whether {@link #ofOneHop} can be true of a name of this length: a look that costs nothing. */
  static boolean mayBeOfOneHop(int length) {
    return length < Long.SIZE && (HOP_LENGTHS >>> length & 1) != 0;
  }

  /** Whether a header's name is one that Netty describes HTTP/2 streams with. */
  static boolean ofAStream(String name) {
    return name.regionMatches(true, 0, STREAM_PREFIX, 0, STREAM_PREFIX.length());
  }

  /**
   * Whether a header, its name in lower case, tells targets about the client: who may send it, is
   * for {@link #describe} to say.
   */
  static boolean aboutClient(String name) {
    return name.startsWith(FORWARDED_PREFIX) || ABOUT_CLIENT.contains(name);
  }

  /** Takes headers out whose names follow CGI as another's would. */
  static void withoutUnderscores(HttpHeaders headers) {
    for (String name : headers.names()) {
      if (name.indexOf('_') >= 0) {
        headers.remove(name);
      }
    }
  }

  /** The headers that go on, those of one hop left out. Framing headers stay. */
  static HttpHeaders endToEnd(HttpMessage message) {
    HttpHeaders from = message.headers();
    Set<String> named = Set.of();
    if (from.contains(HttpHeaderNames.CONNECTION)) {
      named = new HashSet<>();
      for (String value : from.getAll(HttpHeaderNames.CONNECTION)) {
        for (String name : value.split(",", -1)) {
          named.add(name.strip().toLowerCase(Locale.ROOT));
        }
      }
      // Nobody may take the framing or the host away from the next hop.
      named.remove("content-length");
      named.remove("transfer-encoding");
      named.remove("host");
    }
    HttpHeaders to = new DefaultHttpHeaders();
    for (var i = from.iteratorCharSequence(); i.hasNext(); ) {
      Map.Entry<CharSequence, CharSequence> header = i.next();
      String name = header.getKey().toString().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name) && !named.contains(name) && !name.startsWith(STREAM_PREFIX)) {
        to.add(header.getKey(), header.getValue());
      }
    }
    if (from.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
      to.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
    }
    return to;
  }

  /** Whether a trailer, its name in lower case, goes on. */
  static boolean passesAsTrailer(String name) {
    return !NO_TRAILERS.contains(name) && !HOP_BY_HOP.contains(name);
  }

  /** Takes out of a response's trailers those that are none. */
  static void cleanResponse(HttpHeaders trailers) {
    for (String name : trailers.names()) {
      if (!passesAsTrailer(name.toLowerCase(Locale.ROOT))) {
        trailers.remove(name);
      }
    }
  }

  /** Takes out of trailers what would be read as a header that has been judged already. */
  private static void clean(HttpHeaders trailers, boolean underscores) {
    for (String name : trailers.names()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!passesAsTrailer(lower) || aboutClient(lower) || !underscores && name.indexOf('_') >= 0) {
        trailers.remove(name);
      }
    }
  }

  /**
   * The body's part of a request, its trailers without those that are none. HTTP/2 heads that end a
   * stream come as whole messages, which an encoder takes for the start of another one when the
   * head was already written.
   *
   * @param underscores whether trailers pass that have an underscore in their name
   */
  static HttpContent body(HttpContent content, boolean underscores) {
    HttpContent body =
        content instanceof FullHttpMessage whole
            ? new DefaultLastHttpContent(whole.content(), whole.trailingHeaders())
            : content;
    if (body instanceof LastHttpContent last && !last.trailingHeaders().isEmpty()) {
      clean(last.trailingHeaders(), underscores);
    }
    return body;
  }

  /** The protocols a request asks to change to, without h2c (RFC 9113 3.1); null for none. */
  static @Nullable String upgrade(HttpMessage request) {
    if (!request
        .headers()
        .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
      return null;
    }
    List<String> protocols = new ArrayList<>();
    for (String line : request.headers().getAll(HttpHeaderNames.UPGRADE)) {
      for (String protocol : line.split(",", -1)) {
        protocols.add(protocol.strip());
      }
    }
    protocols.removeIf(protocol -> protocol.isEmpty() || protocol.equalsIgnoreCase("h2c"));
    return protocols.isEmpty() ? null : String.join(", ", protocols);
  }

  /** Adds what a target is told about the client. */
  static void describe(
      HttpHeaders headers, String authority, InetSocketAddress client, int port, Edge edge) {
    InetAddress address = client.getAddress();
    boolean trusted = edge.trusts(address);
    String ip = NetUtil.toAddressString(address);
    if (!trusted) {
      for (String name : headers.names()) {
        if (aboutClient(name.toLowerCase(Locale.ROOT))) {
          headers.remove(name);
        }
      }
    }
    // A proxy may add to the last line or add a line (RFC 9110 5.3): all of them are one list.
    List<String> hops = new ArrayList<>(headers.getAll("x-forwarded-for"));
    hops.removeIf(String::isEmpty);
    hops.add(ip);
    headers.set("x-forwarded-for", String.join(", ", hops));
    set(headers, "x-forwarded-proto", edge.tls() ? "https" : "http", trusted);
    set(headers, "x-forwarded-host", authority, trusted);
    set(headers, "x-forwarded-port", String.valueOf(port), trusted);
  }

  /** Sets a header of one value, unless the trusted proxy before us did. */
  private static void set(HttpHeaders headers, String name, String value, boolean trusted) {
    String told = trusted ? nearest(headers.getAll(name)) : "";
    headers.set(name, told.isEmpty() ? value : told);
  }

  /**
   * The last of several values: the one that the nearest proxy added. Those before it may be the
   * client's own.
   */
  private static String nearest(List<String> lines) {
    if (lines.isEmpty()) {
      return "";
    }
    String last = lines.get(lines.size() - 1);
    return last.substring(last.lastIndexOf(',') + 1).strip();
  }

  /** Adds this hop. */
  static void via(HttpHeaders headers, HttpMessage message) {
    boolean second =
        message.headers().contains(HttpConversionUtil.ExtensionHeaderNames.STREAM_ID.text());
    headers.add(HttpHeaderNames.VIA, second ? "2 portal" : "1.1 portal");
  }
}
