package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.portal.proxy.internal.Transports;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WebSockets (RFC 6455) of a real client to a real server. */
class WebSocketTest {

  private static final int LARGE = 1 << 20;

  private final BlockingQueue<String> atTarget = new LinkedBlockingQueue<>();
  private EventLoopGroup loops;
  private Channel target;

  @BeforeEach
  void startTarget() throws Exception {
    WebSocketServerProtocolConfig config =
        WebSocketServerProtocolConfig.newBuilder()
            .websocketPath("/echo")
            .subprotocols("parrot")
            .maxFramePayloadLength(LARGE)
            .handleCloseFrames(false)
            .build();
    loops = Transports.loops("websocket-target", 1);
    target =
        new ServerBootstrap()
            .group(loops)
            .channel(Transports.server())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpServerCodec(),
                            new HttpObjectAggregator(1024),
                            new WebSocketServerProtocolHandler(config),
                            new WebSocketFrameAggregator(LARGE),
                            new Echo());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  @AfterEach
  void stopTarget() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }

  /** Says everything back, and to a close that it has one of its own. */
  private final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      if (frame instanceof CloseWebSocketFrame close) {
        atTarget.add("close " + close.statusCode() + " " + close.reasonText());
        ctx.writeAndFlush(new CloseWebSocketFrame(4002, "mine"));
      } else {
        ctx.writeAndFlush(frame.retain());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      atTarget.add("gone");
    }
  }

  /** Keeps what a client gets, whole messages only. */
  private static final class Inbox implements WebSocket.Listener {

    private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        messages.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      binary.writeBytes(bytes);
      if (last) {
        messages.add(binary.toByteArray());
        binary.reset();
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
      messages.add("pong " + StandardCharsets.US_ASCII.decode(data));
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      messages.add("close " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      messages.add(error);
    }

    Object next() throws InterruptedException {
      return messages.poll(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest(name = "as bytes: {0}, {1}")
  @CsvSource({"true,ws", "true,wss", "false,ws"})
  void endsWhenTheProxyStops(boolean wire, String scheme) throws Exception {
    int at = ((InetSocketAddress) target.localAddress()).getPort();
    try (Served proxy =
        Served.start(
                wire,
                builder ->
                    builder.tls(Served.ANY).drainLimit(Duration.ofSeconds(20)).ignoreUpstream(true))
            .to(URI.create("http://127.0.0.1:" + at))) {
      Inbox inbox = new Inbox();
      WebSocket socket =
          HttpClient.newBuilder()
              .sslContext(Served.trusting())
              .build()
              .newWebSocketBuilder()
              .subprotocols("parrot")
              .buildAsync(
                  URI.create(scheme + "://localhost:" + proxy.port(scheme.equals("wss")) + "/echo"),
                  inbox)
              .get(10, TimeUnit.SECONDS);
      done(socket.sendText("hello", true));
      assertThat(inbox.next()).isEqualTo("hello");
      CompletableFuture<Void> stop = CompletableFuture.runAsync(proxy::close);
      assertThat(inbox.next()).isEqualTo("close 1001 ");
      // The client's close frame is the target's to see.
      assertThat(atTarget.poll(10, TimeUnit.SECONDS)).isEqualTo("close 1001 ");
      assertThat(atTarget.poll(10, TimeUnit.SECONDS)).isEqualTo("gone");
      stop.get(10, TimeUnit.SECONDS);
    }
  }

  private static void done(java.util.concurrent.Future<?> sent) throws Exception {
    sent.get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest(name = "as bytes: {0}, {1}")
  @CsvSource({"true,ws", "true,wss", "false,ws", "false,wss"})
  void passesMessagesPingsAndCloses(boolean wire, String scheme) throws Exception {
    int at = ((InetSocketAddress) target.localAddress()).getPort();
    try (Served proxy = Served.before(URI.create("http://127.0.0.1:" + at), wire, Limits.DEFAULT)) {
      int port = proxy.port(scheme.equals("wss"));
      Inbox inbox = new Inbox();
      WebSocket socket =
          HttpClient.newBuilder()
              .sslContext(Served.trusting())
              .build()
              .newWebSocketBuilder()
              .subprotocols("parrot")
              .connectTimeout(Duration.ofSeconds(10))
              .buildAsync(URI.create(scheme + "://localhost:" + port + "/echo"), inbox)
              .get(10, TimeUnit.SECONDS);
      assertThat(socket.getSubprotocol()).isEqualTo("parrot");

      done(socket.sendText("grüß dich", true));
      assertThat(inbox.next()).isEqualTo("grüß dich");

      byte[] large = new byte[LARGE];
      new Random(1).nextBytes(large);
      done(socket.sendBinary(ByteBuffer.wrap(large), true));
      assertThat(inbox.next()).isEqualTo(large);

      done(socket.sendPing(ByteBuffer.wrap("here?".getBytes(StandardCharsets.US_ASCII))));
      assertThat(inbox.next()).isEqualTo("pong here?");

      done(socket.sendText("in two", false));
      done(socket.sendText(" frames", true));
      assertThat(inbox.next()).isEqualTo("in two frames");

      done(socket.sendClose(4001, "yours"));
      assertThat(atTarget.poll(10, TimeUnit.SECONDS)).isEqualTo("close 4001 yours");
      assertThat(inbox.next()).isEqualTo("close 4002 mine");
      // The client closes its connection after both closes; the target must not keep its own.
      assertThat(atTarget.poll(10, TimeUnit.SECONDS)).isEqualTo("gone");
    }
  }
}
