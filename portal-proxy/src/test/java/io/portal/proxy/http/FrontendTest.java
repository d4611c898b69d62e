package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.portal.proxy.tls.CertificateTable;
import io.portal.proxy.tls.SelfSigned;
import io.portal.proxy.tls.ServerCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The handlers of a client's connection. */
class FrontendTest {

  /** The preface and empty SETTINGS (RFC 9113 3.4). */
  private static final String HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

  private static Shared shared(boolean wire) throws Exception {
    SelfSigned own = SelfSigned.create(Instant.now(), List.of("localhost"));
    return new Shared(
        wire,
        Limits.DEFAULT,
        ForwardingOptions.DEFAULT,
        new Dialer(true, new Names(InetAddress::getAllByName, Duration.ofSeconds(1))),
        CertificateTable.of(ServerCertificate.context(own.key(), List.of(own.certificate()))),
        System::nanoTime);
  }

  /** Netty logs, with a stack, what no handler wants to have; an embedded channel throws it. */
  @ParameterizedTest(name = "as bytes: {0}, TLS: {1}, after: {2}")
  @CsvSource({
    "true,false,nothing",
    "true,false,GET",
    "false,false,GET",
    "true,false,PRI",
    "false,false,PRI",
    "true,true,nothing"
  })
  void endConnectionsThatFailWithoutAWord(boolean wire, boolean tls, String said) throws Exception {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new Frontend(
                shared(wire),
                new Edge(tls, address -> false),
                new DefaultChannelGroup(GlobalEventExecutor.INSTANCE)));
    if (said.equals("PRI")) {
      channel.writeInbound(Unpooled.copiedBuffer(HTTP2, StandardCharsets.ISO_8859_1));
    } else if (said.equals("GET")) {
      channel.writeInbound(Unpooled.copiedBuffer("GET / HT", StandardCharsets.US_ASCII));
    }
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    channel.checkException();
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }
}
