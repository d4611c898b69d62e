package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.portal.proxy.tls.SelfSigned;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** gRPC of a real client to a real server: what it asks of HTTP/2 passes, trailers above all. */
class GrpcTest {

  private static final MethodDescriptor.Marshaller<String> TEXT = new Text();
  private static final MethodDescriptor<String, String> SAY =
      method(MethodDescriptor.MethodType.UNARY, "Say");
  private static final MethodDescriptor<String, String> TALK =
      method(MethodDescriptor.MethodType.BIDI_STREAMING, "Talk");
  private static final MethodDescriptor<String, String> ABSENT =
      method(MethodDescriptor.MethodType.UNARY, "Absent");
  private static final Metadata.Key<String> ASKED = key("x-asked");
  private static final Metadata.Key<String> HEADER = key("x-header");
  private static final Metadata.Key<String> TRAILER = key("x-trailer");
  private static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-trailer-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final byte[] BYTES = {0, 1, -1, 127, -128};

  private final BlockingQueue<String> atServer = new LinkedBlockingQueue<>();
  private final AtomicReference<Metadata> headers = new AtomicReference<>();
  private final AtomicReference<Metadata> trailers = new AtomicReference<>();
  private Server server;
  private TestProxy proxy;
  private ManagedChannel connection;
  private Channel channel;

  /** Messages as they are. */
  private static final class Text implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static MethodDescriptor<String, String> method(
      MethodDescriptor.MethodType type, String name) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName("portal.Echo/" + name)
        .setRequestMarshaller(TEXT)
        .setResponseMarshaller(TEXT)
        .build();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Says what was asked in the metadata before and after the messages. */
  private static final class Metadatas implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata asked, ServerCallHandler<Q, A> next) {
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata headers) {
              headers.put(HEADER, asked.get(ASKED));
              super.sendHeaders(headers);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              trailers.put(TRAILER, asked.get(ASKED));
              trailers.put(BINARY, BYTES);
              super.close(status, trailers);
            }
          },
          asked);
    }
  }

  private static void say(String request, StreamObserver<String> answers) {
    if (request.startsWith("fail")) {
      answers.onError(Status.INVALID_ARGUMENT.withDescription(request).asRuntimeException());
    } else {
      answers.onNext(request);
      answers.onCompleted();
    }
  }

  private StreamObserver<String> talk(StreamObserver<String> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String message) {
        if (message.startsWith("fail")) {
          answers.onError(Status.RESOURCE_EXHAUSTED.withDescription(message).asRuntimeException());
        } else {
          answers.onNext("heard " + message);
        }
      }

      @Override
      public void onError(Throwable error) {
        atServer.add(Status.fromThrowable(error).getCode().toString());
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  private void start(boolean wire, boolean tls, String scheme) throws Exception {
    NettyServerBuilder listening =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    if (scheme.equals("https")) {
      SelfSigned own = SelfSigned.create(Instant.now(), List.of("localhost"));
      listening.sslContext(
          GrpcSslContexts.configure(SslContextBuilder.forServer(own.key(), own.certificate()))
              .build());
    }
    server =
        listening
            .intercept(new Metadatas())
            .addService(
                ServerServiceDefinition.builder("portal.Echo")
                    .addMethod(SAY, ServerCalls.asyncUnaryCall(GrpcTest::say))
                    .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(this::talk))
                    .build())
            .build()
            .start();
    proxy =
        new TestProxy(
            URI.create(scheme + "://127.0.0.1:" + server.getPort()), wire, Limits.DEFAULT);
    NettyChannelBuilder to = NettyChannelBuilder.forAddress("localhost", proxy.port(tls));
    if (tls) {
      to.sslContext(
          GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build());
    } else {
      to.usePlaintext();
    }
    connection = to.build();
    Metadata asked = new Metadata();
    asked.put(ASKED, "something");
    channel =
        ClientInterceptors.intercept(
            connection,
            MetadataUtils.newAttachHeadersInterceptor(asked),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
  }

  @AfterEach
  void stop() throws Exception {
    connection.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    proxy.close();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private static CallOptions soon() {
    return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private StatusRuntimeException failure(MethodDescriptor<String, String> method, String request) {
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> ClientCalls.blockingUnaryCall(channel, method, soon(), request));
  }

  /** What comes of a call, in its order: messages, then the status. */
  private static final class Inbox implements StreamObserver<String> {

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void onNext(String message) {
      events.add(message);
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      events.add(status.getCode() + " " + status.getDescription());
    }

    @Override
    public void onCompleted() {
      events.add("OK");
    }

    String next() throws InterruptedException {
      return events.poll(10, TimeUnit.SECONDS);
    }
  }

  private void assertMetadata(Metadata trailing) {
    assertThat(trailing.get(TRAILER)).isEqualTo("something");
    assertThat(trailing.get(BINARY)).isEqualTo(BYTES);
  }

  @ParameterizedTest(name = "as bytes: {0}, tls: {1}, to {2}")
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
      assertThat(ClientCalls.blockingUnaryCall(channel, SAY, soon(), message)).isEqualTo(message);
      assertThat(headers.get().get(HEADER)).isEqualTo("something");
      assertMetadata(trailers.get());
    }
  }

  @ParameterizedTest(name = "as bytes: {0}, tls: {1}, to {2}")
  @CsvSource({"true,false,h2c", "true,true,https", "false,true,h2c", "false,false,https"})
  void passesTheStatusOfFailures(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    StatusRuntimeException wrong = failure(SAY, "fail, please");
    assertThat(wrong.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(wrong.getStatus().getDescription()).isEqualTo("fail, please");
    assertMetadata(wrong.getTrailers());
    assertThat(failure(ABSENT, "").getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    // A stream that fails while the client may still speak, and the connection goes on.
    for (int i = 0; i < 3; i++) {
      Inbox inbox = new Inbox();
      StreamObserver<String> speaker =
          ClientCalls.asyncBidiStreamingCall(channel.newCall(TALK, soon()), inbox);
      speaker.onNext("one");
      assertThat(inbox.next()).isEqualTo("heard one");
      speaker.onNext("fail now");
      assertThat(inbox.next()).isEqualTo("RESOURCE_EXHAUSTED fail now");
      assertMetadata(trailers.get());
    }
  }

  @ParameterizedTest(name = "as bytes: {0}, tls: {1}, to {2}")
  @CsvSource({"true,false,h2c", "true,true,https", "false,true,h2c", "false,false,https"})
  void passesAConversationWordByWord(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    Inbox inbox = new Inbox();
    StreamObserver<String> speaker =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(TALK, soon()), inbox);
    for (int i = 0; i < 100; i++) {
      speaker.onNext("word " + i);
      assertThat(inbox.next()).isEqualTo("heard word " + i);
    }
    speaker.onCompleted();
    assertThat(inbox.next()).isEqualTo("OK");
    assertThat(headers.get().get(HEADER)).isEqualTo("something");
    assertMetadata(trailers.get());
  }

  @ParameterizedTest(name = "as bytes: {0}, tls: {1}, to {2}")
  @CsvSource({"true,false,h2c", "false,true,https"})
  void tellsTheServerOfACancelledCall(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    Inbox inbox = new Inbox();
    var call = channel.newCall(TALK, soon());
    StreamObserver<String> speaker = ClientCalls.asyncBidiStreamingCall(call, inbox);
    speaker.onNext("one");
    assertThat(inbox.next()).isEqualTo("heard one");
    call.cancel("enough", null);
    assertThat(atServer.poll(10, TimeUnit.SECONDS)).isEqualTo("CANCELLED");
  }

  @ParameterizedTest(name = "as bytes: {0}, tls: {1}, to {2}")
  @CsvSource({"true,false,h2c", "true,true,https"})
  void passesManyCallsAtOnce(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(ClientCalls.futureUnaryCall(channel.newCall(SAY, soon()), "call " + i));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo("call " + i);
    }
  }

  @ParameterizedTest(name = "as bytes: {0}, tls: {1}, to {2}")
  @CsvSource({"true,false,h2c", "false,true,https"})
  void isUnavailableWithoutItsTarget(boolean wire, boolean tls, String scheme) throws Exception {
    start(wire, tls, scheme);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    assertThat(failure(SAY, "").getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
