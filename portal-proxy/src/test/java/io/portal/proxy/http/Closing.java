package io.portal.proxy.http;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Closes what a test keeps after it, the last first. */
abstract class Closing {

  private final List<Closeable> closed = new ArrayList<>();

  <T extends Closeable> T kept(T one) {
    closed.add(0, one);
    return one;
  }

  @AfterEach
  void close() throws IOException {
    for (Closeable one : closed) {
      one.close();
    }
  }
}
