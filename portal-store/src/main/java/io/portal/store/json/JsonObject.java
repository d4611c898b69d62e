package io.portal.store.json;

import com.google.common.base.Ascii;
import io.portal.core.InvalidException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
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

  private final Map<String, Object> fields = new LinkedHashMap<>();

  JsonObject() {}

  /**
   * The one object that the text is.
   *
   * @throws BadJsonException if it is something else
   */
  public static JsonObject read(InputStream in) throws IOException {
    return JsonText.object(in);
  }

  /**
   * The one object that the text is, as a merge patch: what is {@code null} in it is removed from
   * what it is merged into (RFC 7396).
   *
   * @throws BadJsonException if it is something else
   */
  public static JsonObject readPatch(InputStream in) throws IOException {
    return JsonText.patch(in);
  }

  void put(String name, @Nullable Object value) {
    String key = Ascii.toLowerCase(name);
    if (value == null) {
      fields.remove(key);
    } else {
      fields.put(key, value);
    }
  }

  /**
   * Gives a field that is absent, empty or 0 another value: a number where it is written as one.
   */
  public void fill(String field, String value) {
    Object given = value(field);
    if (given == null || given.toString().isEmpty() || given.toString().equals("0")) {
      fields.put(field, value.matches("[0-9]{1,10}") ? new Number(value) : value);
    }
  }

  /** Moves a field to another name, unless there is one of that name. */
  void rename(String oldName, String name) {
    Object value = fields.remove(oldName);
    if (value != null) {
      fields.putIfAbsent(name, value);
    }
  }

  /** Changes this object as a merge patch says (RFC 7396 section 2). */
  void merge(JsonObject patch) {
    patch.fields.forEach(
        (name, value) -> {
          if (value == NULL) {
            fields.remove(name);
          } else if (value instanceof JsonObject inner) {
            JsonObject merged =
                fields.get(name) instanceof JsonObject there ? there : new JsonObject();
            merged.merge(inner);
            fields.put(name, merged);
          } else {
            fields.put(name, value);
          }
        });
  }

  /** Whether a patch says something of that field, be it {@code null}. */
  boolean names(String field) {
    return fields.containsKey(field);
  }

  private @Nullable Object value(String field) {
    Object value = fields.get(field);
    return value == NULL ? null : value;
  }

  /**
   * Refuses fields of other names.
   *
   * @param known the names, in lower case
   * @throws InvalidException naming the first that is not among them
   */
  public void allow(Collection<String> known) {
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        throw InvalidException.field("field", name, "one of " + String.join(", ", known));
      }
    }
  }

  /** Whether there is no field at all. */
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  /** Whether there is a field of that name, given in lower case, other than {@code null}. */
  public boolean has(String field) {
    return value(field) != null;
  }

  /** The text of a field; empty if there is none. */
  public String string(String field) {
    Object value = value(field);
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
    Object value = value(field);
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
    Object value = value(field);
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
    Object value = value(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof JsonObject object) {
      return Optional.of(object);
    }
    throw new BadJsonException("an object belongs into " + field);
  }

  private List<?> array(String field) {
    Object value = value(field);
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
