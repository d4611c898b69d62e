package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** gRPC of a real client to a real server: what it asks of HTTP/2 passes, trailers above all. */
class GrpcTest {

  private static final String NAME = "as bytes: {0}, tls: {1}, to {2}";

  private final AtomicReference<Metadata> headers = new AtomicReference<>();
  private final AtomicReference<Metadata> trailers = new AtomicReference<>();
  private GrpcEcho server;
  private Served proxy;
  private ManagedChannel connection;
  private Channel channel;

  private void start(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme, server -> server);
  }

  private void start(
      boolean wire, boolean tls, String scheme, UnaryOperator<NettyServerBuilder> settings)
      throws Exception {
    server = new GrpcEcho(scheme, settings);
    proxy = Served.before(server.uri(), wire, Limits.DEFAULT);
    connection = client(tls).build();
    channel =
        ClientInterceptors.intercept(
            connection,
            MetadataUtils.newAttachHeadersInterceptor(asked()),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
  }

  private NettyChannelBuilder client(boolean tls) throws Exception {
    NettyChannelBuilder to = NettyChannelBuilder.forAddress("localhost", proxy.port(tls));
    return tls
        ? to.sslContext(
            GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build())
        : to.usePlaintext();
  }

  private static Metadata asked() {
    Metadata asked = new Metadata();
    asked.put(GrpcEcho.ASKED, "something");
    return asked;
  }

  @AfterEach
  void stop() throws Exception {
    connection.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    proxy.close();
    server.close();
  }

  private static CallOptions soon() {
    return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private String say(String message) {
    return ClientCalls.blockingUnaryCall(channel, GrpcEcho.SAY, soon(), message);
  }

  private StatusRuntimeException failure(MethodDescriptor<String, String> method, String request) {
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> ClientCalls.blockingUnaryCall(channel, method, soon(), request));
  }

  private static void assertMetadata(Metadata trailing) {
    assertThat(trailing.get(GrpcEcho.TRAILER)).isEqualTo("something");
    assertThat(trailing.get(GrpcEcho.BINARY)).isEqualTo(GrpcEcho.BYTES);
  }

  /** A call of both directions, and what comes of it: messages, then the status. */
  private static final class Talk implements StreamObserver<String> {

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final ClientCall<String, String> call;
    private final StreamObserver<String> speaker;

    Talk(Channel channel) {
      call =
          channel.newCall(
              GrpcEcho.TALK, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS));
      speaker = ClientCalls.asyncBidiStreamingCall(call, this);
    }

    @Override
    public void onNext(String message) {
      heard.add(message);
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      heard.add(status.getCode() + " " + status.getDescription());
    }

    @Override
    public void onCompleted() {
      heard.add("OK");
    }

    String next() throws InterruptedException {
      return heard.poll(10, TimeUnit.SECONDS);
    }

    /** Says a word and waits until it has come back. */
    void exchange(String word) throws InterruptedException {
      speaker.onNext(word);
      assertThat(next()).isEqualTo("heard " + word);
    }
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({
    "true,false,h2c",
    "true,false,https",
    "true,true,h2c",
    "true,true,https",
    "false,false,h2c",
    "false,true,https"
  })
  void passesCallsWithTheirMetadata(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    for (String message : List.of("", "grüß dich", "x".repeat(1 << 20))) {
      assertThat(say(message)).isEqualTo(message);
      assertThat(headers.get().get(GrpcEcho.HEADER)).isEqualTo("something");
      assertMetadata(trailers.get());
    }
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "true,true,https", "false,true,h2c", "false,false,https"})
  void passesAConversationWordByWord(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    Talk talk = new Talk(channel);
    for (int i = 0; i < 100; i++) {
      talk.exchange("word " + i);
    }
    talk.speaker.onCompleted();
    assertThat(talk.next()).isEqualTo("OK");
    assertThat(headers.get().get(GrpcEcho.HEADER)).isEqualTo("something");
    assertMetadata(trailers.get());
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "true,true,https", "false,true,h2c", "false,false,https"})
  void passesTheStatusOfFailures(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    StatusRuntimeException wrong = failure(GrpcEcho.SAY, "fail, please");
    assertThat(wrong.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(wrong.getStatus().getDescription()).isEqualTo("fail, please");
    assertMetadata(wrong.getTrailers());
    assertThat(failure(GrpcEcho.ABSENT, "").getStatus().getCode())
        .isEqualTo(Status.Code.UNIMPLEMENTED);
    // Streams that fail while the client may still speak; the connection goes on.
    for (int i = 0; i < 3; i++) {
      Talk talk = new Talk(channel);
      talk.exchange("one");
      talk.speaker.onNext("fail now");
      assertThat(talk.next()).isEqualTo("RESOURCE_EXHAUSTED fail now");
      assertMetadata(trailers.get());
    }
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "false,true,https"})
  void isUnavailableWithoutItsServer(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    server.close();
    assertThat(failure(GrpcEcho.SAY, "").getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "false,true,https"})
  void tellsTheServerOfACancelledCall(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    Talk talk = new Talk(channel);
    talk.exchange("one");
    talk.call.cancel("enough", null);
    assertThat(server.nextEnd()).isEqualTo("CANCELLED");
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "true,true,https"})
  void passesManyCallsAtOnce(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(ClientCalls.futureUnaryCall(channel.newCall(GrpcEcho.SAY, soon()), "call " + i));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo("call " + i);
    }
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "true,true,https"})
  void heedsHowManyCallsTheServerTakes(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme, limited -> limited.maxConcurrentCallsPerConnection(10));
    List<Talk> talks = new ArrayList<>();
    for (int i = 0; i < 35; i++) {
      talks.add(new Talk(channel));
    }
    for (int round = 0; round < 3; round++) {
      for (Talk talk : talks) {
        talk.exchange("round " + round);
      }
    }
    Served.await("the fewest connections", () -> server.open() == 4);
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "true,true,https"})
  void leavesAConnectionThatIsTooOld(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme, aging -> aging.maxConnectionAge(1, TimeUnit.SECONDS));
    Talk old = new Talk(channel);
    old.exchange("before");
    for (int i = 0; server.accepted() < 3; i++) {
      assertThat(say("call " + i)).isEqualTo("call " + i);
    }
    old.exchange("after");
  }

  @ParameterizedTest(name = NAME)
  @CsvSource({"true,false,h2c", "true,true,https"})
  void aClientThatDoesNotReadHoldsUpNobody(boolean wire, boolean tls, String scheme)
      throws Exception {
    start(wire, tls, scheme);
    ManagedChannel slow = client(tls).flowControlWindow(65535).build();
    try {
      CountDownLatch answered = new CountDownLatch(1);
      ClientCall<String, String> unread = slow.newCall(GrpcEcho.SAY, CallOptions.DEFAULT);
      unread.start(
          new ClientCall.Listener<>() {
            @Override
            public void onHeaders(Metadata headers) {
              answered.countDown();
            }
          },
          asked());
      unread.sendMessage("x".repeat(1 << 20));
      unread.halfClose();
      assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
      String message = "y".repeat(2000);
      for (int i = 0; i < 100; i++) {
        assertThat(say(message)).isEqualTo(message);
      }
      assertThat(server.accepted()).isEqualTo(1);
    } finally {
      slow.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }
}
