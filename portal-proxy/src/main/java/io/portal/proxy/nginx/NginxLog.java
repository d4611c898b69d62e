package io.portal.proxy.nginx;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** nginx's error log, of which only what is new since a mark is read. Not thread-safe. */
final class NginxLog {

  private static final long LONGEST = 16L << 20;

  private final Path path;
  private long mark;

  NginxLog(Path path) {
    this.path = path;
  }

  /** Starts afresh at the end; a log that has grown long is put aside first. */
  void mark() {
    try {
      mark = Files.exists(path) ? Files.size(path) : 0;
      if (mark > LONGEST) {
        Files.move(path, Path.of(path + ".1"), StandardCopyOption.REPLACE_EXISTING);
        mark = 0;
      }
    } catch (IOException unreadable) {
      mark = 0;
    }
  }

  /** The reasons of refusals since the mark; empty when there are none, or no log. */
  List<String> refusals() {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      file.seek(Math.min(mark, file.length()));
      byte[] fresh = new byte[(int) Math.min(file.length() - file.getFilePointer(), 1 << 20)];
      file.readFully(fresh);
      return refusals(new String(fresh, StandardCharsets.UTF_8)).toList();
    } catch (IOException none) {
      return List.of();
    }
  }

  /** The distinct reasons in what nginx says, without date and process number. */
  static Stream<String> refusals(String output) {
    return output
        .lines()
        .filter(line -> line.contains("[emerg]"))
        .map(line -> line.substring(line.indexOf("[emerg]") + "[emerg]".length()).strip())
        .map(line -> line.replaceFirst("^\\d+#\\d+: ", ""))
        .distinct();
  }
}
