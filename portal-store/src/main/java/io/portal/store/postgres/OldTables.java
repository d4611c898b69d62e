package io.portal.store.postgres;

import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Cert;
import io.portal.core.model.Forwarder;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Netmask;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.StoreException;
import io.portal.core.state.StateChange;
import io.portal.store.internal.StateItems;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Go portal's tables: services, servers, routes, certs and vips. They are read and left alone.
 * That portal stored its texts escaped for HTML, targets joined by commas, and numbers of servers
 * as text.
 */
final class OldTables {

  private OldTables() {}

  /**
   * Makes what they hold the state of revision 1, where they are there and hold anything.
   *
   * @throws StoreException naming the row that cannot be taken over
   */
  static void takeOver(Connection connection) throws SQLException, StoreException {
    StateChange.Builder builder = new StateChange.Builder();
    try (Statement statement = connection.createStatement()) {
      readServices(statement, builder);
      readRoutes(statement, builder);
      readCerts(statement, builder);
      readVips(statement, builder);
    }
    StateChange change = builder.build();
    if (!change.isEmpty()) {
      Commits.write(connection, StateItems.of(change), 1);
    }
  }

  private static boolean exists(Statement statement, String table, String column)
      throws SQLException {
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
                + " AND table_name = '"
                + table
                + "' AND column_name = '"
                + column
                + "'")) {
      return rows.next();
    }
  }

  private interface Row {
    void read() throws SQLException;
  }

  private static void take(String table, String subject, Row row)
      throws SQLException, StoreException {
    try {
      row.read();
    } catch (InvalidException | IllegalArgumentException e) {
      throw new StoreException(
          "table " + table + ", row '" + subject + "' cannot be taken over: " + e.getMessage(), e);
    }
  }

  private static void readServices(Statement statement, StateChange.Builder builder)
      throws SQLException, StoreException {
    if (!exists(statement, "services", "serviceid")) {
      return;
    }
    Map<String, Service> services = new LinkedHashMap<>();
    try (ResultSet rows = statement.executeQuery("SELECT * FROM services ORDER BY serviceid")) {
      while (rows.next()) {
        String id = text(rows, "id");
        take("services", id, () -> services.put(id, service(rows)));
      }
    }
    Map<String, List<Server>> servers = new LinkedHashMap<>();
    if (exists(statement, "servers", "serverid")) {
      try (ResultSet rows = statement.executeQuery("SELECT * FROM servers ORDER BY serverid")) {
        while (rows.next()) {
          String service = text(rows, "serviceid");
          take(
              "servers",
              text(rows, "id"),
              () -> servers.computeIfAbsent(service, s -> new ArrayList<>()).add(server(rows)));
        }
      }
    }
    for (Map.Entry<String, Service> entry : services.entrySet()) {
      List<Server> own = servers.getOrDefault(entry.getKey(), List.of());
      take("services", entry.getKey(), () -> builder.put(entry.getValue().withServers(own)));
    }
  }

  private static Service service(ResultSet row) throws SQLException {
    ServiceId id =
        new ServiceId(
            ServiceType.parse(text(row, "type")),
            Addresses.parse("host", text(row, "host")),
            row.getInt("port"));
    String netmask = text(row, "netmask");
    String interfaceName = text(row, "interface");
    return new Service(
        id,
        interfaceName.isEmpty() ? null : interfaceName,
        new ServiceSettings(
            Scheduler.parse(text(row, "scheduler")),
            Duration.ofSeconds(row.getInt("persistence")),
            netmask.isEmpty() ? null : Netmask.parse(netmask, id.addressBits())),
        List.of(),
        null);
  }

  private static Server server(ResultSet row) throws SQLException {
    return new Server(
        new ServerId(Addresses.parse("host", text(row, "host")), row.getInt("port")),
        new ServerSettings(
            Forwarder.parse(text(row, "forwarder")),
            number(row, "weight"),
            number(row, "upperthreshold"),
            number(row, "lowerthreshold")));
  }

  private static void readRoutes(Statement statement, StateChange.Builder builder)
      throws SQLException, StoreException {
    if (!exists(statement, "routes", "routeid")) {
      return;
    }
    try (ResultSet rows = statement.executeQuery("SELECT * FROM routes ORDER BY routeid")) {
      while (rows.next()) {
        RouteId id = new RouteId(text(rows, "subdomain"), text(rows, "domain"), text(rows, "path"));
        take("routes", id.toString(), () -> builder.put(route(id, rows)));
      }
    }
  }

  private static Route route(RouteId id, ResultSet row) throws SQLException {
    List<URI> targets = new ArrayList<>();
    for (String target : text(row, "targets").split(",")) {
      if (!target.isEmpty()) {
        targets.add(URI.create(target));
      }
    }
    return new Route(id, targets, text(row, "fwdpath"), text(row, "page"), HealthCheck.NONE);
  }

  private static void readCerts(Statement statement, StateChange.Builder builder)
      throws SQLException, StoreException {
    if (!exists(statement, "certs", "certid")) {
      return;
    }
    try (ResultSet rows = statement.executeQuery("SELECT * FROM certs ORDER BY certid")) {
      while (rows.next()) {
        take(
            "certs",
            rows.getString("certid"),
            () -> builder.put(new Cert(text(rows, "cert"), text(rows, "key"))));
      }
    }
  }

  private static void readVips(Statement statement, StateChange.Builder builder)
      throws SQLException, StoreException {
    if (!exists(statement, "vips", "vipid")) {
      return;
    }
    try (ResultSet rows = statement.executeQuery("SELECT * FROM vips ORDER BY vipid")) {
      while (rows.next()) {
        String ip = text(rows, "ip");
        take("vips", ip, () -> builder.put(vip(ip, rows)));
      }
    }
  }

  private static Vip vip(String ip, ResultSet row) throws SQLException {
    return new Vip(
        new VipId(InterfaceAddress.parse(ip), text(row, "interface")), text(row, "alias"));
  }

  private static int number(ResultSet row, String column) throws SQLException {
    String text = text(row, column);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  private static String text(ResultSet row, String column) throws SQLException {
    String text = row.getString(column);
    return text == null
        ? ""
        : text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
  }
}
