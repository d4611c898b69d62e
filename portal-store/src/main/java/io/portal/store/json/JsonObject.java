package io.portal.store.json;

import com.google.common.base.Ascii;
import io.portal.core.InvalidException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An object as it was read: fields under names of any case, of which the last of a name counts and
 * {@code null} is as good as none. A field of the wrong type is an {@link InvalidException} naming
 * it. Not thread-safe.
 */
public final class JsonObject {

  static final Object NULL = new Object();

  /** A number by its text, so that nothing is lost before it is judged. */
  record Number(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  private final Map<String, Object> fields = new HashMap<>();

  JsonObject() {}

  /**
   * The one object that the text is.
   *
   * @throws BadJsonException if it is something else
   */
  public static JsonObject read(InputStream in) throws IOException {
    return JsonText.object(in);
  }

  void put(String name, @Nullable Object value) {
    String key = Ascii.toLowerCase(name);
    if (value == null) {
      fields.remove(key);
    } else {
      fields.put(key, value);
    }
  }

  /** Whether there is no field at all. */
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  /** Whether there is a field of that name, given in lower case, other than {@code null}. */
  public boolean has(String field) {
    return fields.containsKey(field);
  }

  /** The text of a field; empty if there is none. */
  public String string(String field) {
    Object value = fields.get(field);
    if (value == null) {
      return "";
    }
    if (value instanceof String text) {
      return text;
    }
    throw InvalidException.field(field, shown(value), "a text");
  }

  /**
   * The whole number of a field; empty if there is none.
   *
   * @param allowed what the field allows, for the error
   */
  public OptionalLong whole(String field, long min, long max, String allowed) {
    Object value = fields.get(field);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof Number number) {
      try {
        long whole = Long.parseLong(number.text());
        if (whole >= min && whole <= max) {
          return OptionalLong.of(whole);
        }
      } catch (NumberFormatException e) {
        throw InvalidException.field(field, number, allowed);
      }
    }
    throw InvalidException.field(field, shown(value), allowed);
  }

  /** The truth value of a field; empty if there is none. */
  Optional<Boolean> flag(String field) {
    Object value = fields.get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Boolean flag) {
      return Optional.of(flag);
    }
    throw InvalidException.field(field, shown(value), "true or false");
  }

  /** The objects of a field that is an array; empty if there is none. */
  List<JsonObject> objects(String field) {
    List<JsonObject> objects = new ArrayList<>();
    for (Object element : array(field)) {
      if (!(element instanceof JsonObject object)) {
        throw new BadJsonException("an object belongs into " + field);
      }
      objects.add(object);
    }
    return objects;
  }

  /** The texts of a field that is an array; empty if there is none. */
  List<String> strings(String field) {
    List<String> strings = new ArrayList<>();
    for (Object element : array(field)) {
      if (!(element instanceof String text)) {
        throw InvalidException.field(field, shown(element), "an array of texts");
      }
      strings.add(text);
    }
    return strings;
  }

  /** The object of a field; empty if there is none. */
  Optional<JsonObject> object(String field) {
    Object value = fields.get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof JsonObject object) {
      return Optional.of(object);
    }
    throw new BadJsonException("an object belongs into " + field);
  }

  private List<?> array(String field) {
    Object value = fields.get(field);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof JsonObject) {
      throw new BadJsonException("an array belongs into " + field);
    }
    throw InvalidException.field(field, shown(value), "an array");
  }

  private static String shown(Object value) {
    if (value == NULL) {
      return "null";
    }
    if (value instanceof JsonObject) {
      return "{...}";
    }
    return value instanceof List ? "[...]" : value.toString();
  }
}
