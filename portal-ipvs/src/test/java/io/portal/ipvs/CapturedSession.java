package io.portal.ipvs;

import io.portal.netlink.FakeTransport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/** Plays a kernel from a captured session; what is sent must be what was sent then, in order. */
final class CapturedSession {

  private final Deque<String> lines;

  private CapturedSession(Deque<String> lines) {
    this.lines = lines;
  }

  static FakeTransport play(String resource) throws IOException {
    try (InputStream in = CapturedSession.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      Deque<String> lines =
          new ArrayDeque<>(text.lines().filter(line -> !line.startsWith("#")).toList());
      return new FakeTransport(1 << 20, new CapturedSession(lines)::answer);
    }
  }

  private List<Object> answer(ByteBuffer asked) {
    byte[] bytes = new byte[asked.remaining()];
    asked.get(bytes);
    String sent = "> " + HexFormat.of().formatHex(bytes);
    String expected = lines.poll();
    if (!sent.equals(expected)) {
      throw new AssertionError("sent     " + sent + "\ncaptured " + expected);
    }
    List<Object> answers = new ArrayList<>();
    while (!lines.isEmpty() && lines.peek().startsWith("< ")) {
      answers.add(HexFormat.of().parseHex(lines.poll().substring(2)));
    }
    return answers;
  }
}
