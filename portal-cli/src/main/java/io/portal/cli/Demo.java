package io.portal.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code portal demo}: a daemon, three servers and traffic through a service over them, on loopback
 * only, gone when it ends.
 *
 * <p>With IPVS all of it runs in a network namespace of its own: portal owns the IPVS table of the
 * namespace it runs in, and the host's may be in use.
 */
final class Demo {

  static final List<Flag> FLAGS =
      List.of(Flag.value("requests", 'n', "NUMBER", "300", "how many requests a round has"));

  /** In the environment of the process that runs inside the namespace. */
  private static final String INSIDE = "PORTAL_DEMO_INSIDE";

  private static final String SCHEDULER = "wrr";
  private static final int[] WEIGHTS = {1, 1, 2};

  private final PrintStream out;
  private final int requests;
  private final String balancer;
  private final DemoPlaces places;

  private Demo(PrintStream out, int requests, String balancer) {
    this.out = out;
    this.requests = requests;
    this.balancer = balancer;
    this.places = DemoPlaces.free(WEIGHTS.length);
  }

  static Exit run(Invocation in) {
    Flags flags = in.flags();
    int requests = (int) flags.number("requests", 300);
    if (requests < 1 || requests > 1_000_000) {
      throw CliException.usage("--requests: 1 to 1000000, not " + requests);
    }
    PrintStream out = in.terminal().out();
    String asked = flags.get("balancer");
    if (in.terminal().environment().containsKey(INSIDE)) {
      return inside(out, requests);
    }
    Host host = Host.local(in.terminal().environment());
    if (asked == null || asked.equals("lvs")) {
      DemoNamespace namespace = new DemoNamespace(host);
      Optional<String> why = namespace.whyNot();
      if (why.isEmpty()) {
        out.println("Balancer: IPVS, in the kernel, in a network namespace of its own.\n");
        out.flush();
        return namespace.run(INSIDE, "demo", "-n", Integer.toString(requests));
      }
      if (asked != null) {
        throw new CliException(Exit.REFUSED, "no IPVS here: " + why.get());
      }
      out.println("Balancer: userspace, for " + why.get() + ".\n");
      asked = "userspace";
    } else {
      out.println("Balancer: " + asked + ", as asked.\n");
    }
    return new Demo(out, requests, asked).show();
  }

  private static Exit inside(PrintStream out, int requests) {
    try {
      return new Demo(out, requests, "lvs").show();
    } catch (CliException e) {
      if (e.exit() != Exit.UNREACHABLE) {
        throw e;
      }
      out.println("\nIPVS does not work here: " + e.text());
      out.println("\nBalancer: userspace instead.\n");
      return new Demo(out, requests, "userspace").show();
    }
  }

  private Exit show() {
    long start = System.nanoTime();
    try (DemoServers servers = DemoServers.start(places.servers());
        DemoDaemon daemon = DemoDaemon.start(balancer, places, Map.of())) {
      out.printf(Locale.ROOT, "$ portal --server --balancer %s%n", balancer);
      daemon.awaitReady();
      out.printf(Locale.ROOT, "  ready after %.1f s%n%n", (System.nanoTime() - start) / 1e9);
      addService(daemon);
      boolean well = round(servers, "");
      String leaving = places.server(WEIGHTS.length - 1);
      portal(
          daemon,
          "remove-server",
          "-I",
          places.serviceId(),
          "-S",
          Ids.server(host(leaving), port(leaving)));
      well &= round(servers, leaving);
      well &= daemon.stop();
      out.println(
          well
              ? "Works. The daemon has stopped; nothing is left running and no files are left."
              : "Not all went as it should, see above.");
      return well ? Exit.OK : Exit.REFUSED;
    } catch (IOException e) {
      throw new CliException(Exit.REFUSED, "the demo could not be run: " + e.getMessage(), e);
    }
  }

  private void addService(DemoDaemon daemon) {
    String service = places.service();
    portal(daemon, "add-service", "-O", host(service), "-R", port(service), "-s", SCHEDULER);
    for (int i = 0; i < WEIGHTS.length; i++) {
      String server = places.server(i);
      List<String> words =
          new ArrayList<>(List.of("add-server", "-I", places.serviceId(), "-o", host(server)));
      words.addAll(List.of("-p", port(server), "-f", "m", "-w", Integer.toString(WEIGHTS[i])));
      portal(daemon, words.toArray(String[]::new));
    }
  }

  /** Types a command, as it were: what is shown is what is run. */
  private void portal(DemoDaemon daemon, String... words) {
    out.println("$ portal " + String.join(" ", words));
    out.flush();
    Exit exit =
        new Cli(
                new Terminal(
                    java.io.InputStream.nullInputStream(), out, out, daemon.client(), false))
            .run(words);
    if (exit != Exit.OK) {
      throw new CliException(exit, "the demo ends here\n" + daemon.log());
    }
  }

  /** Sends requests through the service and shows who answered. */
  private boolean round(DemoServers servers, String removed) throws IOException {
    servers.reset();
    DemoTraffic.Result result = DemoTraffic.send(places.service(), requests);
    out.printf(
        Locale.ROOT,
        "%n%d requests to http://%s/ in %.2f s, %d failed%n%n",
        requests,
        places.service(),
        result.seconds(),
        result.failed());
    Table table = new Table("SERVER", "WEIGHT", "REQUESTS", "SHARE", "");
    int answered = 0;
    boolean well = result.failed() == 0;
    for (int i = 0; i < WEIGHTS.length; i++) {
      String server = places.server(i);
      int count = servers.answered(i);
      boolean gone = server.equals(removed);
      answered += count;
      well &= gone == (count == 0);
      double share = (double) count / requests;
      table.row(
          server,
          gone ? "gone" : Integer.toString(WEIGHTS[i]),
          Integer.toString(count),
          String.format(Locale.ROOT, "%.0f %%", 100 * share),
          "#".repeat((int) Math.round(40 * share)));
    }
    out.println(table);
    out.flush();
    return well && answered == requests;
  }

  private static String host(String place) {
    return place.substring(0, place.lastIndexOf(':'));
  }

  private static String port(String place) {
    return place.substring(place.lastIndexOf(':') + 1);
  }
}
