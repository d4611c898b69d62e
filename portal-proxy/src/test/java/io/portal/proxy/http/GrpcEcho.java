package io.portal.proxy.http;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.portal.proxy.tls.SelfSigned;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A real gRPC server that says back what it is told, and fails when it is told so. What a call's
 * metadata asks comes back in its metadata before the messages and after them.
 */
final class GrpcEcho implements Closeable {

  /** One message, said back as it is. */
  static final MethodDescriptor<String, String> SAY = method(MethodType.UNARY, "Say");

  /** Messages, each said back with "heard" before it. */
  static final MethodDescriptor<String, String> TALK = method(MethodType.BIDI_STREAMING, "Talk");

  /** A method that the server has not. */
  static final MethodDescriptor<String, String> ABSENT = method(MethodType.UNARY, "Absent");

  static final Metadata.Key<String> ASKED = key("x-asked");
  static final Metadata.Key<String> HEADER = key("x-header");
  static final Metadata.Key<String> TRAILER = key("x-trailer");
  static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-trailer-bin", Metadata.BINARY_BYTE_MARSHALLER);
  static final byte[] BYTES = {0, 1, -1, 127, -128};

  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final Server server;
  private final URI uri;

  GrpcEcho(String scheme, UnaryOperator<NettyServerBuilder> settings) throws Exception {
    NettyServerBuilder listening = NettyServerBuilder.forAddress(Served.ANY);
    if (scheme.equals("https")) {
      SelfSigned own = SelfSigned.create(Instant.now(), List.of("localhost"));
      listening.sslContext(
          GrpcSslContexts.configure(SslContextBuilder.forServer(own.key(), own.certificate()))
              .build());
    }
    server =
        settings
            .apply(listening)
            .intercept(new Mirror())
            .addTransportFilter(new Connections())
            .addService(
                ServerServiceDefinition.builder("portal.Echo")
                    .addMethod(SAY, ServerCalls.asyncUnaryCall(GrpcEcho::say))
                    .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(this::talk))
                    .build())
            .build()
            .start();
    uri = URI.create(scheme + "://127.0.0.1:" + server.getPort());
  }

  private static MethodDescriptor<String, String> method(MethodType type, String name) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName("portal.Echo/" + name)
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

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

  /** Says back the metadata. */
  private static final class Mirror implements ServerInterceptor {

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

  /** Counts connections. */
  private final class Connections extends ServerTransportFilter {

    @Override
    public Attributes transportReady(Attributes attributes) {
      accepted.incrementAndGet();
      open.incrementAndGet();
      return attributes;
    }

    @Override
    public void transportTerminated(Attributes attributes) {
      open.decrementAndGet();
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
        ends.add(Status.fromThrowable(error).getCode().toString());
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  URI uri() {
    return uri;
  }

  /** How many connections there were. */
  int accepted() {
    return accepted.get();
  }

  /** How many connections there are. */
  int open() {
    return open.get();
  }

  /** The next code with which a talk ended that its client did not complete; null for none. */
  String nextEnd() throws InterruptedException {
    return ends.poll(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
