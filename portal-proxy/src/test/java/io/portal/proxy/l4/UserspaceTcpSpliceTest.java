package io.portal.proxy.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServiceId;
import io.portal.core.port.BalancerChange.RemoveService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The same with every connection spliced from its first bytes on. */
class UserspaceTcpSpliceTest extends UserspaceTcpTest {

  @Override
  UserspaceOptions options() {
    UserspaceOptions base = UserspaceOptions.DEFAULT;
    return new UserspaceOptions(
        2, true, base.connectTimeout(), base.udpIdle(), base.udpSessions(), 1);
  }

  /** Pipes that this process has open, both ends counted. */
  private static long pipes() {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(UserspaceTcpSpliceTest::pipe).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean pipe(Path file) {
    try {
      return Files.readSymbolicLink(file).toString().startsWith("pipe:");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  @Test
  void usesTwoPipesForEachConnectionAndClosesThem() throws Exception {
    Assumptions.assumeTrue(Epoll.isAvailable(), "splicing needs epoll");
    ServiceId web = service(Scheduler.RR);
    server(web, closed(TestServer.echo("a")), ONE);
    long before = pipes();

    Socket socket = connect(web);
    assertThat(read(socket, 1)).isEqualTo("a");
    await(() -> pipes() == before + 4);
    socket.getOutputStream().write('x');
    assertThat(read(socket, 1)).isEqualTo("x");
    socket.close();
    await(() -> pipes() == before);

    Socket cut = connect(web);
    await(() -> pipes() == before + 4);
    applied(new RemoveService(web));
    await(() -> pipes() == before);
    assertThat(cut.isConnected()).isTrue();
  }
}
