package io.portal.ipvs;

import static io.portal.ipvs.IpvsConstants.*;

import io.portal.netlink.AttributeReader;
import io.portal.netlink.AttributeWriter;
import io.portal.netlink.Errno;
import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkConnection;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkFailure;
import io.portal.netlink.NetlinkMessage;
import io.portal.netlink.NetlinkRequest;
import io.portal.netlink.NetlinkSocket;
import io.portal.netlink.NetlinkTransport;
import io.portal.netlink.generic.GenericFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * All that the kernel's IPVS interface can do, in the network namespace that the opening thread is
 * in. Every method blocks until the kernel has answered. Thread-safe; calls run one after another.
 *
 * <p>"Absent" is a result of the reading methods; those that change something throw a {@link
 * NetlinkException} with the kernel's error: EEXIST if it exists, ESRCH if there is no such
 * service, ENOENT if there is no such destination or scheduler.
 */
public final class IpvsClient implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** A dump of several parts is repeated until two in a row agree, or that often. */
  private static final int DUMPS = 4;

  private final NetlinkConnection connection;
  private volatile GenericFamily family;
  private final AtomicLong changesSent = new AtomicLong();

  private IpvsClient(NetlinkConnection connection, GenericFamily family) {
    this.connection = connection;
    this.family = family;
  }

  /**
   * Opens IPVS; the kernel loads its module if it can.
   *
   * @throws IpvsUnavailableException if IPVS cannot be used here, saying why and how to mend it
   * @throws NetlinkException if the kernel fails otherwise
   */
  public static IpvsClient open() throws IpvsUnavailableException, NetlinkException {
    NetlinkTransport transport;
    try {
      transport = NetlinkSocket.open(Netlink.GENERIC);
    } catch (NetlinkException e) {
      throw IpvsUnavailableException.system(e);
    }
    return over(transport);
  }

  /** A client over that transport, which is closed with it. */
  static IpvsClient over(NetlinkTransport transport)
      throws IpvsUnavailableException, NetlinkException {
    NetlinkConnection connection = new NetlinkConnection(transport, TIMEOUT);
    try {
      GenericFamily family =
          GenericFamily.resolve(connection, FAMILY_NAME)
              .orElseThrow(() -> IpvsUnavailableException.kernel(null));
      IpvsClient client = new IpvsClient(connection, family);
      client.info(); // asks for the permission that all commands need
      return client;
    } catch (NetlinkException e) {
      connection.close();
      if (e.is(Errno.EPERM)) {
        throw IpvsUnavailableException.permission(e);
      }
      throw e;
    } catch (IpvsUnavailableException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Version and table size. */
  public IpvsInfo info() throws NetlinkException {
    return ask("get IPVS info", CMD_GET_INFO, IpvsConfigCodec::readInfo);
  }

  /**
   * All services. Others that change services meanwhile can make this miss some that stay: ask for
   * a {@link #service} before acting on its absence.
   */
  public List<IpvsServiceEntry> services() throws NetlinkException {
    List<IpvsServiceEntry> services = new ArrayList<>();
    dump(
        "dump services",
        CMD_GET_SERVICE,
        out -> {},
        CMD_ATTR_SERVICE,
        in -> services.add(IpvsCodec.readService(in)));
    return services;
  }

  /** A service; empty if there is none of that key. */
  public Optional<IpvsServiceEntry> service(IpvsKey key) throws NetlinkException {
    return Optional.ofNullable(services(List.of(key)).get(key));
  }

  /** Those of the services that are there, by key; absent ones are missing. */
  public Map<IpvsKey, IpvsServiceEntry> services(List<IpvsKey> keys) throws NetlinkException {
    return renewing(() -> getServices(keys));
  }

  private Map<IpvsKey, IpvsServiceEntry> getServices(List<IpvsKey> keys) throws NetlinkException {
    String operation = "get services";
    List<NetlinkRequest> requests = new ArrayList<>(keys.size());
    for (IpvsKey key : keys) {
      requests.add(request(CMD_GET_SERVICE, out -> IpvsCodec.writeKey(out, key)));
    }
    Map<IpvsKey, IpvsServiceEntry> found = new LinkedHashMap<>();
    List<NetlinkFailure> failures =
        connection.exchange(
            operation,
            requests,
            (index, message) ->
                readNested(
                    operation,
                    message,
                    CMD_ATTR_SERVICE,
                    in -> found.put(keys.get(index), IpvsCodec.readService(in))));
    for (NetlinkFailure failure : failures) {
      if (!failure.errno().equals(Errno.ESRCH)) {
        throw failure.toException("get service " + keys.get(failure.index()));
      }
    }
    return found;
  }

  /**
   * All destinations of a service; none also if there is no such service.
   *
   * <p>What comes in one part is consistent. Several parts can miss a destination while others
   * change, without the kernel telling, so they are asked for again until two answers agree.
   */
  public List<IpvsDestinationEntry> destinations(IpvsKey service) throws NetlinkException {
    List<IpvsDestinationEntry> last = new ArrayList<>();
    int parts = dumpDestinations(service, last);
    for (int dumps = 1; parts > 1 && dumps < DUMPS; dumps++) {
      List<IpvsDestinationEntry> again = new ArrayList<>(last.size());
      parts = dumpDestinations(service, again);
      boolean agree = settings(again).equals(settings(last));
      last = again;
      if (agree) {
        break;
      }
    }
    return last;
  }

  private static List<IpvsDestination> settings(List<IpvsDestinationEntry> entries) {
    return entries.stream().map(IpvsDestinationEntry::destination).toList();
  }

  private int dumpDestinations(IpvsKey service, List<IpvsDestinationEntry> found)
      throws NetlinkException {
    return dump(
        "dump destinations",
        CMD_GET_DEST,
        out -> IpvsCodec.writeKey(out, service),
        CMD_ATTR_DEST,
        in -> found.add(IpvsCodec.readDestination(in, service.family())));
  }

  private int dump(
      String operation,
      int command,
      Consumer<AttributeWriter> attributes,
      int type,
      Consumer<AttributeReader> read)
      throws NetlinkException {
    return renewing(
        () ->
            connection.dump(
                operation,
                request(command, attributes),
                (index, message) -> readNested(operation, message, type, read)));
  }

  /** Reads the attributes that are nested in one of that type, the only one of its message. */
  private static void readNested(
      String operation, NetlinkMessage message, int type, Consumer<AttributeReader> read)
      throws NetlinkException {
    AttributeReader in = GenericFamily.attributes(message);
    while (in.next()) {
      if (in.type() == type) {
        read.accept(in.nested());
      }
    }
    in.check(operation);
  }

  /**
   * Carries out changes in their order, many in one datagram. One that is refused does not stop
   * those behind it.
   *
   * @return those that were refused, in order
   * @throws IllegalArgumentException if the kernel would take a change but never balance by it;
   *     nothing was changed
   * @throws NetlinkException if it is unknown which changes were carried out
   */
  public List<IpvsFailure> apply(List<? extends IpvsChange> changes) throws NetlinkException {
    for (IpvsChange change : changes) {
      change.check();
    }
    List<IpvsFailure> failures = new ArrayList<>();
    changesSent.addAndGet(changes.size());
    List<NetlinkFailure> refused = execute(changes);
    boolean none = refused.size() == changes.size();
    if (none && refused.stream().anyMatch(f -> f.errno().equals(Errno.ENOENT)) && moved()) {
      refused = execute(changes);
    }
    for (NetlinkFailure failure : refused) {
      failures.add(
          new IpvsFailure(
              failure.index(),
              changes.get(failure.index()),
              failure.errno(),
              failure.kernelMessage()));
    }
    return failures;
  }

  private List<NetlinkFailure> execute(List<? extends IpvsChange> changes) throws NetlinkException {
    List<NetlinkRequest> requests = new ArrayList<>(changes.size());
    for (IpvsChange change : changes) {
      requests.add(IpvsRequests.of(family, change));
    }
    return connection.execute("change IPVS", requests);
  }

  /**
   * Carries out one change.
   *
   * @throws IllegalArgumentException if the kernel would take it but never balance by it
   * @throws NetlinkException if it is refused
   */
  public void apply(IpvsChange change) throws NetlinkException {
    change.check();
    changesSent.incrementAndGet();
    renewing(
        () -> {
          connection.execute(change.describe(), IpvsRequests.of(family, change));
          return true;
        });
  }

  /**
   * Removes all services. What was removed slows down every later addition for two minutes: prefer
   * changes.
   */
  public void flush() throws NetlinkException {
    change("flush", CMD_FLUSH, out -> {});
  }

  /** Sets all counters to zero. */
  public void zero() throws NetlinkException {
    change("zero counters", CMD_ZERO, out -> {});
  }

  /** Sets the counters of a service and its destinations to zero. */
  public void zero(IpvsKey service) throws NetlinkException {
    change("zero counters of " + service, CMD_ZERO, out -> IpvsCodec.writeKey(out, service));
  }

  /** How long idle connections are kept. */
  public IpvsTimeouts timeouts() throws NetlinkException {
    return ask("get timeouts", CMD_GET_CONFIG, IpvsConfigCodec::readTimeouts);
  }

  private <T> T ask(String operation, int command, Function<AttributeReader, T> read)
      throws NetlinkException {
    List<T> answers = new ArrayList<>(1);
    renewing(
        () -> {
          connection.query(
              operation,
              request(command, out -> {}),
              (index, message) -> {
                AttributeReader in = GenericFamily.attributes(message);
                answers.add(read.apply(in));
                in.check(operation);
              });
          return true;
        });
    if (answers.isEmpty()) {
      throw new NetlinkException(operation, "acknowledged, but not answered");
    }
    return answers.get(0);
  }

  /** Sets how long idle connections are kept; a zero leaves that value as it is. */
  public void setTimeouts(IpvsTimeouts timeouts) throws NetlinkException {
    change("set timeouts", CMD_SET_CONFIG, out -> IpvsConfigCodec.writeTimeouts(out, timeouts));
  }

  /** Synchronisation daemons that run. */
  public List<IpvsDaemon> daemons() throws NetlinkException {
    List<IpvsDaemon> daemons = new ArrayList<>();
    dump(
        "dump daemons",
        CMD_GET_DAEMON,
        out -> {},
        CMD_ATTR_DAEMON,
        in -> daemons.add(IpvsDaemonCodec.read(in)));
    return daemons;
  }

  /**
   * Starts a synchronisation daemon; EEXIST if one of its role runs, ENODEV without interface,
   * EINVAL while a destination is of another family than its service.
   */
  public void startDaemon(IpvsDaemon daemon) throws NetlinkException {
    change(
        "start daemon " + daemon.role(), CMD_NEW_DAEMON, out -> IpvsDaemonCodec.write(out, daemon));
  }

  /** Stops a synchronisation daemon; only its role, interface and id matter. ESRCH if none runs. */
  public void stopDaemon(IpvsDaemon daemon) throws NetlinkException {
    change(
        "stop daemon " + daemon.role(),
        CMD_DEL_DAEMON,
        out -> IpvsDaemonCodec.writeKey(out, daemon));
  }

  /** Messages sent so far that ask the kernel to change something. */
  public long changesSent() {
    return changesSent.get();
  }

  /** Lets go of the socket; the kernel keeps what it was told. */
  @Override
  public void close() {
    connection.close();
  }

  private NetlinkRequest request(int command, Consumer<AttributeWriter> attributes) {
    return family.request(command, attributes);
  }

  private void change(String operation, int command, Consumer<AttributeWriter> attributes)
      throws NetlinkException {
    changesSent.incrementAndGet();
    renewing(
        () -> {
          connection.execute(operation, request(command, attributes));
          return true;
        });
  }

  /** An exchange that makes its requests itself, so that it can be made again. */
  private interface Exchange<T> {
    T make() throws NetlinkException;
  }

  /**
   * Makes the exchange, and once more if it failed because the family has another number by now.
   */
  private <T> T renewing(Exchange<T> exchange) throws NetlinkException {
    try {
      return exchange.make();
    } catch (NetlinkException e) {
      if (e.is(Errno.ENOENT) && moved()) {
        return exchange.make();
      }
      throw e;
    }
  }

  /**
   * Whether the family has another number than before: its module was loaded again. To messages of
   * a family that is gone the kernel answers ENOENT (net/netlink/genetlink.c, genl_rcv_msg).
   */
  private boolean moved() throws NetlinkException {
    GenericFamily before = family;
    GenericFamily now =
        GenericFamily.resolve(connection, FAMILY_NAME)
            .orElseThrow(
                () ->
                    new NetlinkException(
                        "use IPVS", "its module was unloaded; load it with 'modprobe ip_vs'"));
    family = now;
    return now.id() != before.id();
  }
}
