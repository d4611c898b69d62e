package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How one kind of model stands in JSON. Field names are read in any case and unknown fields are
 * ignored, unless it is {@link #strict()}. Immutable and thread-safe.
 *
 * @param <T> the model
 */
public abstract class ModelJson<T> {

  /** Routes. */
  public static final ModelJson<Route> ROUTE = new RouteJson();

  /** Certs, with their keys. */
  public static final ModelJson<Cert> CERT = new CertJson();

  /** Vips. */
  public static final ModelJson<Vip> VIP = new VipJson();

  /** Error pages; one that is not given is the default. */
  public static final ModelJson<ErrorPages> PAGES = new ErrorPagesJson(ErrorPages.DEFAULT);

  /** Services to be written only, and read where no service names an interface. */
  public static final ModelJson<Service> SERVICE =
      services(
          name -> {
            throw InvalidException.field("interface", name, "empty here");
          });

  /** Services as stores keep them: with the end of drains, and with the host as it was found. */
  public static final ModelJson<Service> STORED_SERVICE =
      new ServiceJson(name -> InetAddress.getLoopbackAddress(), true);

  ModelJson() {}

  /**
   * Services as clients send them.
   *
   * @param firstAddress the first address of an interface or alias, which becomes the host of a
   *     service that names one; throws {@link InvalidException} where there is none
   */
  public static ModelJson<Service> services(Function<String, InetAddress> firstAddress) {
    return new ServiceJson(firstAddress, false);
  }

  /** Servers of that service as clients send them. */
  public static ModelJson<Server> servers(ServiceId service) {
    return new ServerJson(service, false);
  }

  /** Error pages; one that is not given stays as it is now. */
  public static ModelJson<ErrorPages> pages(ErrorPages now) {
    return new ErrorPagesJson(now);
  }

  /** The id in an object that has at least a route's subdomain, domain and path. */
  public static RouteId routeId(JsonObject object) {
    return new RouteId(object.string("subdomain"), object.string("domain"), object.string("path"));
  }

  /**
   * The id in an object that has at least a vip's ip and interface.
   *
   * @throws InvalidException if the ip is no address
   */
  public static VipId vipId(JsonObject object) {
    return new VipId(InterfaceAddress.parse(object.string("ip")), object.string("interface"));
  }

  /**
   * The model in an object.
   *
   * @throws InvalidException if a value is missing, of the wrong type or out of its range
   * @throws BadJsonException if an array stands where an object belongs or the other way round
   */
  public abstract T read(JsonObject object);

  /** Names of the fields that are read or written, in lower case and in their order. */
  public abstract List<String> fields();

  /**
   * Refuses an object that has a field this model does not.
   *
   * @throws InvalidException naming the field
   */
  void checkFields(JsonObject object) {
    object.allow(fields());
  }

  /**
   * The model as a JSON merge patch changes it (RFC 7396): what the patch does not name stays, what
   * is {@code null} there gets its default.
   *
   * @param patch as {@link JsonObject#readPatch} reads it
   * @throws InvalidException if a value is missing then, of the wrong type or out of its range
   * @throws BadJsonException if an array stands where an object belongs or the other way round
   */
  public T patched(T model, JsonObject patch) {
    return read(merged(model, patch));
  }

  /** The object of a model after a merge patch. */
  final JsonObject merged(T model, JsonObject patch) {
    try {
      JsonObject object = JsonText.object(new ByteArrayInputStream(bytes(model)));
      object.merge(patch);
      return object;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same model, but a field that it does not have is an {@link InvalidException}. */
  public final ModelJson<T> strict() {
    return new StrictJson<>(this);
  }

  /** Writes one model as an object. */
  public abstract void write(JsonGenerator json, T model) throws IOException;

  /**
   * The model that the text is.
   *
   * @throws InvalidException if a value is missing, of the wrong type or out of its range
   * @throws BadJsonException if the text is not one JSON object
   */
  public final T read(InputStream in) throws IOException {
    return read(JsonObject.read(in));
  }

  /**
   * The model that a text of the Go portal, or of an older version, is: what that took and this one
   * does not is made into what it means where it means something.
   *
   * @param notes gets a line for each value that was made right
   * @throws InvalidException if a value is missing, of the wrong type or out of its range
   * @throws BadJsonException if the text is not one JSON object
   */
  public final T takeOver(byte[] text, List<String> notes) throws IOException {
    JsonObject object = JsonObject.read(new ByteArrayInputStream(text));
    try {
      return read(object);
    } catch (InvalidException e) {
      if (!Takeover.correct(object, notes)) {
        throw e;
      }
      return read(object);
    }
  }

  /** The model that the text is; throws as {@link #read(InputStream)} does. */
  public final T read(byte[] text) {
    try {
      return read(new ByteArrayInputStream(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Hands over the models of an array as they are read.
   *
   * @throws InvalidException if a value is missing, of the wrong type or out of its range
   * @throws BadJsonException if the text is not one JSON array of objects
   */
  public final void readArray(InputStream in, Consumer<? super T> models) throws IOException {
    JsonText.array(in, object -> models.accept(read(object)));
  }

  /** Writes one model as JSON text, in UTF-8, without a newline at the end. */
  public final void write(OutputStream out, T model) throws IOException {
    try (JsonGenerator json = JsonText.generator(out)) {
      write(json, model);
    }
  }

  /** Writes models as a JSON array while it iterates over them. The stream stays open. */
  public final void writeArray(OutputStream out, Iterable<? extends T> models) throws IOException {
    try (JsonGenerator json = JsonText.generator(out)) {
      json.writeStartArray();
      for (T model : models) {
        write(json, model);
      }
      json.writeEndArray();
    }
  }

  /** One model as JSON text in UTF-8. */
  public final byte[] bytes(T model) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try {
      write(out, model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** One model as JSON text. */
  public final String text(T model) {
    return new String(bytes(model), StandardCharsets.UTF_8);
  }
}
