package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.model.Vip;
import java.io.IOException;

/** Vips: {@code ip interface alias}. */
final class VipJson extends ModelJson<Vip> {

  @Override
  public Vip read(JsonObject object) {
    return new Vip(vipId(object), object.string("alias"));
  }

  @Override
  public void write(JsonGenerator json, Vip vip) throws IOException {
    json.writeStartObject();
    json.writeStringField("ip", vip.id().ip().toString());
    json.writeStringField("interface", vip.id().interfaceName());
    json.writeStringField("alias", vip.alias());
    json.writeEndObject();
  }
}
