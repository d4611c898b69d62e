package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.model.Cert;
import java.io.IOException;
import java.util.List;

/** Certs: {@code cert key}, both PEM. */
final class CertJson extends ModelJson<Cert> {

  private static final List<String> FIELDS = List.of("cert", "key");

  @Override
  public Cert read(JsonObject object) {
    return new Cert(object.string("cert"), object.string("key"));
  }

  @Override
  public List<String> fields() {
    return FIELDS;
  }

  @Override
  public void write(JsonGenerator json, Cert cert) throws IOException {
    json.writeStartObject();
    json.writeStringField("cert", cert.cert());
    json.writeStringField("key", cert.key());
    json.writeEndObject();
  }
}
