package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.model.Vip;
import java.io.IOException;
import java.util.List;

/** Vips: {@code ip interface alias}. */
final class VipJson extends ModelJson<Vip> {

  private static final List<String> FIELDS = List.of("ip", "interface", "alias");

  @Override
  public Vip read(JsonObject object) {
    return new Vip(vipId(object), object.string("ip"), object.string("alias"));
  }

  @Override
  public List<String> fields() {
    return FIELDS;
  }

  @Override
  public void write(JsonGenerator json, Vip vip) throws IOException {
    json.writeStartObject();
    json.writeStringField("ip", vip.ip());
    json.writeStringField("interface", vip.id().interfaceName());
    json.writeStringField("alias", vip.alias());
    json.writeEndObject();
  }
}
