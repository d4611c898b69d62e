package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/** A model whose objects may have no other fields than its own, for what people type. */
final class StrictJson<T> extends ModelJson<T> {

  private final ModelJson<T> json;

  StrictJson(ModelJson<T> json) {
    this.json = json;
  }

  @Override
  public T read(JsonObject object) {
    checkFields(object);
    return json.read(object);
  }

  @Override
  public T patched(T model, JsonObject patch) {
    checkFields(patch);
    return json.patched(model, patch);
  }

  @Override
  public List<String> fields() {
    return json.fields();
  }

  @Override
  void checkFields(JsonObject object) {
    json.checkFields(object);
  }

  @Override
  public void write(JsonGenerator out, T model) throws IOException {
    json.write(out, model);
  }
}
