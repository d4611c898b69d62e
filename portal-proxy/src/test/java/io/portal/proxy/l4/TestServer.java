package io.portal.proxy.l4;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP server on loopback that serves each connection on a thread of its own. */
public final class TestServer implements AutoCloseable {

  /** What is done with a connection; it is closed afterwards. */
  public interface Service {
    void serve(Socket socket) throws IOException;
  }

  private final ServerSocket socket;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  public TestServer(String address, Service service) {
    this(address, 0, service);
  }

  /** One on a port; 0 for any that is free. */
  public TestServer(String address, int port, Service service) {
    try {
      socket = new ServerSocket(port, 2000, InetAddress.getByName(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread(() -> accept(service));
  }

  /** Says its name and ends. */
  public static TestServer named(String name) {
    return new TestServer(
        "127.0.0.1",
        client -> client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8)));
  }

  /** Says its name, then sends back what it gets. */
  public static TestServer echo(String name) {
    return new TestServer(
        "127.0.0.1",
        client -> {
          client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
          client.getInputStream().transferTo(client.getOutputStream());
        });
  }

  public int port() {
    return socket.getLocalPort();
  }

  private void accept(Service service) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        open.add(client);
        thread(
            () -> {
              try (client) {
                service.serve(client);
              } catch (IOException cut) {
                // The test sees it at the other end.
              } finally {
                open.remove(client);
              }
            });
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "test-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket client : open) {
      client.close();
    }
  }
}
