package io.portal.proxy.nginx;

import io.portal.core.port.BalancerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code portal-nginx.conf} on disk: read, and replaced only by what nginx has checked.
 * Thread-safe; readers never wait.
 */
final class NginxFile {

  private static final Pattern LINE = Pattern.compile(" in (\\S+portal-nginx\\.conf\\S*):(\\d+)");

  private final NginxInstallation installation;
  private final Path path;
  private final Path aside;
  private volatile NginxConfig.Read last = NginxConfig.Read.NOTHING;

  /** What this process wrote last and nginx took; null before that. */
  private @Nullable String accepted;

  NginxFile(NginxInstallation installation) {
    this.installation = installation;
    this.path = installation.options().config();
    this.aside = path.resolveSibling(path.getFileName() + ".new");
  }

  /** What is on disk now. */
  NginxConfig.Read read() throws BalancerException {
    try {
      String text = Files.readString(path);
      NginxConfig.Read known = last;
      if (!known.text().equals(text)) {
        known = NginxConfig.parse(text);
        last = known;
      }
      return known;
    } catch (NoSuchFileException none) {
      return NginxConfig.Read.NOTHING;
    } catch (IOException unreadable) {
      throw new BalancerException("cannot read " + path + ": " + unreadable, unreadable);
    }
  }

  /**
   * Replaces the file once nginx has checked the text.
   *
   * @throws NginxRefusal with nginx's own words if it does not take it; the file is as before
   */
  synchronized void write(String text) throws NginxRefusal, BalancerException {
    try {
      store(text);
      NginxCommand.Result checked =
          NginxCommand.run(installation.command(aside, "-t", "-q"), installation.options().limit());
      if (checked.exit() != 0) {
        Files.deleteIfExists(aside);
        String reasons = NginxLog.refusals(checked.output()).collect(Collectors.joining("; "));
        throw new NginxRefusal(
            "nginx refuses the configuration: "
                + (reasons.isEmpty() ? checked.output().strip() : inPrimer(reasons)));
      }
      Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
      accepted = text;
    } catch (IOException failed) {
      throw new BalancerException("cannot replace " + path + ": " + failed, failed);
    }
  }

  /** Puts back what was there before. */
  synchronized void restore(NginxConfig.Read before) throws BalancerException {
    try {
      if (before.text().isEmpty()) {
        Files.deleteIfExists(path);
        accepted = null;
      } else {
        store(before.text());
        Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
        accepted = before.text();
      }
    } catch (IOException failed) {
      throw new BalancerException("cannot restore " + path + ": " + failed, failed);
    }
  }

  /** Undoes edits behind portal's back, so that a start does not stumble over them. */
  synchronized void undoEdits() throws BalancerException {
    String known = accepted;
    if (known != null && !read().text().equals(known)) {
      restore(NginxConfig.parse(known));
    }
  }

  private void store(String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** Names the primer's own line where nginx names that of the whole file. */
  private String inPrimer(String reasons) throws BalancerException {
    Matcher line = LINE.matcher(reasons);
    if (!line.find()) {
      return reasons;
    }
    int inPrimer = Integer.parseInt(line.group(2)) - installation.linesBeforePrimer();
    List<String> head = installation.head().lines().toList();
    boolean within = inPrimer > 0 && Integer.parseInt(line.group(2)) <= head.size();
    return within && Files.exists(installation.options().primer())
        ? reasons + " (line " + inPrimer + " of " + installation.options().primer() + ")"
        : reasons;
  }
}
