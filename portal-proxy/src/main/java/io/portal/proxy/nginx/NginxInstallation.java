package io.portal.proxy.nginx;

import io.portal.core.port.BalancerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The nginx that is installed: which version, and where its stream module is. Immutable.
 *
 * @param options how it is called
 * @param errorLogOption whether it knows {@code -e}, as from 1.19.5 on
 * @param streamModule the module to load; empty when it is built in
 */
record NginxInstallation(
    NginxOptions options, boolean errorLogOption, Optional<Path> streamModule) {

  private static final Pattern VERSION = Pattern.compile("nginx/(\\d+)\\.(\\d+)\\.(\\d+)");
  private static final Pattern MODULES = Pattern.compile("--modules-path=(\\S+)");
  private static final List<String> SYSTEM_DIRECTORIES = List.of("/usr/sbin", "/usr/local/sbin");
  private static final String MODULE = "ngx_stream_module.so";

  private static final String HEADER =
      "# Written by portal, which undoes changes. Directives of your own belong into\n# ";

  /** What stands in for the primer when there is none. */
  static final String DEFAULT_PRIMER =
      """
      worker_processes auto;
      worker_rlimit_nofile 65536;
      events {
          worker_connections 16384;
      }
      """;

  /**
   * Asks nginx about itself.
   *
   * @throws BalancerException if it is missing or has no stream module
   */
  static NginxInstallation find(NginxOptions options) throws BalancerException {
    NginxOptions located = options.withCommand(locate(options.command()));
    NginxCommand.Result asked;
    try {
      asked = NginxCommand.run(List.of(located.command(), "-V"), options.limit());
    } catch (IOException missing) {
      throw new BalancerException(
          "nginx is missing: cannot run '"
              + options.command()
              + "'; install nginx (Debian: apt-get install nginx-light libnginx-mod-stream)"
              + " or choose another balancer",
          missing);
    }
    String output = asked.output();
    Matcher version = VERSION.matcher(output);
    if (asked.exit() != 0 || !version.find()) {
      throw new BalancerException(
          "'" + options.command() + " -V' is not nginx: it says '" + output.strip() + "'");
    }
    int[] parts = {number(version, 1), number(version, 2), number(version, 3)};
    boolean errorLog = Arrays.compare(parts, new int[] {1, 19, 5}) >= 0;
    return new NginxInstallation(located, errorLog, module(options, output));
  }

  /** Where a command of that name is: many users' paths do not have the directories of nginx. */
  private static String locate(String command) {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return command.contains("/")
        ? command
        : Stream.concat(Arrays.stream(path.split(":")), SYSTEM_DIRECTORIES.stream())
            .filter(directory -> !directory.isEmpty())
            .map(directory -> Path.of(directory, command))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElse(command);
  }

  private static int number(Matcher version, int group) {
    return Integer.parseInt(version.group(group));
  }

  private static Optional<Path> module(NginxOptions options, String output)
      throws BalancerException {
    List<String> arguments = Arrays.asList(output.split("\\s+"));
    if (arguments.contains("--with-stream")) {
      return Optional.empty();
    }
    Matcher modules = MODULES.matcher(output);
    if (arguments.contains("--with-stream=dynamic") && modules.find()) {
      Path module = Path.of(modules.group(1), MODULE);
      if (Files.exists(module)) {
        return Optional.of(module);
      }
    }
    throw new BalancerException(
        "nginx has no stream module: '"
            + options.command()
            + "' was built without it or "
            + MODULE
            + " is not installed (Debian: apt-get install libnginx-mod-stream)");
  }

  /** The arguments that run nginx with that configuration, its first messages on standard error. */
  List<String> command(Path config, String... more) {
    List<String> command = new ArrayList<>(List.of(options.command(), "-c", config.toString()));
    if (errorLogOption) {
      command.addAll(List.of("-e", "stderr"));
    }
    command.addAll(List.of(more));
    return command;
  }

  /**
   * Everything before the stream block: what portal needs and the primer does not say, then the
   * primer.
   *
   * @throws BalancerException if the primer is there and cannot be read, or cannot be used
   */
  String head() throws BalancerException {
    String primer = primer();
    StringBuilder head = new StringBuilder(HEADER).append(options.primer()).append(".\n");
    if (says(primer, "daemon\\s+on")) {
      throw new BalancerException(
          options.primer() + ": 'daemon on' cannot be used, as portal watches nginx; leave it out");
    }
    if (!says(primer, "daemon")) {
      head.append("daemon off;\n");
    }
    if (!says(primer, "pid")) {
      head.append("pid \"").append(options.pidFile().orElse(options.ownPidFile())).append("\";\n");
    }
    if (!says(primer, "error_log")) {
      // At this level nginx tells of reloads, which is how their outcome is known.
      head.append("error_log \"").append(options.log()).append("\" notice;\n");
    }
    if (streamModule.isPresent()
        && !primer.contains(MODULE)
        && !says(primer, "include\\s+\\S*modules-enabled")) {
      head.append("load_module \"").append(streamModule.get()).append("\";\n");
    }
    head.append(primer);
    return primer.endsWith("\n") ? head.toString() : head.append('\n').toString();
  }

  /** Lines of the head before the primer's first. */
  int linesBeforePrimer() throws BalancerException {
    String primer = primer();
    String head = head();
    return (int) head.substring(0, head.lastIndexOf(primer)).chars().filter(c -> c == '\n').count();
  }

  /** The file that the running nginx's number is in. */
  Path pidFile() throws BalancerException {
    if (options.pidFile().isPresent()) {
      return options.pidFile().get();
    }
    Matcher pid = Pattern.compile("(?m)^\\s*pid\\s+\"?([^\";\\s]+)\"?\\s*;").matcher(primer());
    return pid.find() ? Path.of(pid.group(1)) : options.ownPidFile();
  }

  private static boolean says(String primer, String directive) {
    return Pattern.compile("(?m)^\\s*" + directive + "\\b").matcher(primer).find();
  }

  private String primer() throws BalancerException {
    try {
      return Files.readString(options.primer());
    } catch (NoSuchFileException none) {
      return DEFAULT_PRIMER;
    } catch (IOException unreadable) {
      throw new BalancerException(
          "cannot read " + options.primer() + ": " + unreadable, unreadable);
    }
  }
}
