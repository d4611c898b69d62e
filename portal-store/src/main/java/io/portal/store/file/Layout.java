package io.portal.store.file;

import com.google.common.hash.Hashing;
import io.portal.core.model.Cert;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.json.ModelJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Which file holds what. Names are made of ids in a way that none can leave its directory. */
final class Layout {

  static final String SERVICES = "services";
  static final String ROUTES = "routes";
  static final String CERTS = "certs";
  static final String VIPS = "vips";
  static final List<String> DIRECTORIES = List.of(SERVICES, ROUTES, CERTS, VIPS);

  /** Every file with a model in it ends so. */
  static final String SUFFIX = ".json";

  /** A file that is being written; a leftover one is of no use. */
  static final String ASIDE = ".json.part";

  static final String PAGES = "errors.json";
  static final String REVISION = "revision";
  static final String JOURNAL = "journal";

  /** What cannot be served is kept under its name and this. */
  static final String SET_ASIDE = ".set-aside";

  private static final int MAX_READABLE = 80;

  private Layout() {}

  static String service(ServiceId id) {
    return SERVICES + "/" + id + SUFFIX;
  }

  static String route(RouteId id) {
    return ROUTES
        + "/"
        + unique(id.toString(), id.subdomain() + "\0" + id.domain() + "\0" + id.path());
  }

  static String cert(String cert) {
    return CERTS + "/" + unique("cert", cert);
  }

  static String vip(VipId id) {
    return VIPS + "/" + unique(id.ip() + "_" + id.interfaceName(), id.toString());
  }

  /** A text people recognise, made harmless, and a hash that keeps apart what looks alike. */
  private static String unique(String readable, String key) {
    String harmless = readable.replaceAll("[^A-Za-z0-9.-]", "_");
    String hash = Hashing.sha256().hashString(key, StandardCharsets.UTF_8).toString();
    return harmless.substring(0, Math.min(MAX_READABLE, harmless.length()))
        + "-"
        + hash.substring(0, 32)
        + SUFFIX;
  }

  /** Whether a file may hold a key. */
  static boolean secret(String name) {
    return name.startsWith(CERTS + "/");
  }

  /** All files of a state, without the revision. */
  static List<FileChange> files(DesiredState state) {
    return files(StateChange.between(DesiredState.EMPTY, state));
  }

  /** The files that a change changes, without the revision. */
  static List<FileChange> files(StateChange change) {
    List<FileChange> files = new ArrayList<>(change.size() + 1);
    change.services().forEach((id, s) -> files.add(file(service(id), service(s))));
    change.routes().forEach((id, r) -> files.add(file(route(id), route(r))));
    change.certs().forEach((id, c) -> files.add(file(cert(id), cert(c))));
    change.vips().forEach((id, v) -> files.add(file(vip(id), vip(v))));
    change.pages().ifPresent(p -> files.add(FileChange.put(PAGES, () -> ModelJson.PAGES.bytes(p))));
    return files;
  }

  /** The file of a revision, the last of each commit. */
  static FileChange revision(StoredRevision revision) {
    return FileChange.put(REVISION, revision::bytes);
  }

  private static FileChange file(String name, Optional<Supplier<byte[]>> content) {
    return content.map(c -> FileChange.put(name, c)).orElseGet(() -> FileChange.remove(name));
  }

  private static Optional<Supplier<byte[]>> service(Optional<Service> service) {
    return service.map(s -> () -> ModelJson.STORED_SERVICE.bytes(s));
  }

  private static Optional<Supplier<byte[]>> route(Optional<Route> route) {
    return route.map(r -> () -> ModelJson.ROUTE.bytes(r));
  }

  private static Optional<Supplier<byte[]>> cert(Optional<Cert> cert) {
    return cert.map(c -> () -> ModelJson.CERT.bytes(c));
  }

  private static Optional<Supplier<byte[]>> vip(Optional<Vip> vip) {
    return vip.map(v -> () -> ModelJson.VIP.bytes(v));
  }
}
