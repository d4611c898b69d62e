package io.portal.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.portal.proxy.tls.SelfSigned;
import io.portal.proxy.tls.ServerCertificate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** Plain HTTP on the API's port of TLS is told so, and TLS goes on as before. */
class PlainHttpRefusalTest {

  private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private static String ask(Socket socket) throws Exception {
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  @Test
  void plainHttpIsAnswered400() throws Exception {
    SelfSigned made = SelfSigned.create(Instant.now(), List.of("localhost"));
    SslContext tls = ServerCertificate.plainContext(made.key(), List.of(made.certificate()));
    Router router = new Router().add("GET", "/x", request -> Response.json(200, "[]"));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ApiServer server = ApiServer.start(any, Optional.of(tls), router, new Token(""), 1000)) {
      try (Socket plain = new Socket(any.getAddress(), server.port())) {
        assertThat(ask(plain))
            .startsWith("HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n")
            .endsWith("\r\n\r\nThis port speaks HTTPS, the request is plain HTTP.\n");
      }
      SSLContext client = SSLContext.getInstance("TLS");
      client.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      try (Socket secure =
          client.getSocketFactory().createSocket(any.getAddress(), server.port())) {
        assertThat(ask(secure)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("[]\n");
      }
    }
  }
}
