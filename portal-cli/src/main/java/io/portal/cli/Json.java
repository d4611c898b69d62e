package io.portal.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as maps, lists, strings, numbers and booleans. Numbers keep the digits they came with,
 * fields their order.
 */
final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** A number exactly as it was written. */
  private record Digits(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * Reads one value.
   *
   * @throws CliException if it is not JSON; the message says where
   */
  static @Nullable Object parse(String text, String source) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw CliException.usage(source + " is empty, where JSON is expected");
      }
      Object value = value(parser);
      if (parser.nextToken() != null) {
        throw CliException.usage(source + ": more than one JSON value");
      }
      return value;
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw new CliException(Exit.USAGE, source + " is not JSON: " + reason(e) + where, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without where an object began that does not end: the parser names a source it has not. */
  private static String reason(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    int marker = message.indexOf(" (start marker at ");
    return marker < 0 ? message : message.substring(0, marker);
  }

  /**
   * Reads an object.
   *
   * @throws CliException if it is something else
   */
  static Map<String, @Nullable Object> object(String text, String source) {
    return object(parse(text, source), source);
  }

  /**
   * That value, which should be an object.
   *
   * @throws CliException if it is something else
   */
  @SuppressWarnings("unchecked") // the parser makes no other maps
  static Map<String, @Nullable Object> object(@Nullable Object value, String source) {
    if (value instanceof Map) {
      return (Map<String, @Nullable Object>) value;
    }
    throw CliException.usage(source + " is not a JSON object: {...}");
  }

  /**
   * That value, which should be an array; null is an empty one.
   *
   * @throws CliException if it is something else
   */
  @SuppressWarnings("unchecked") // the parser makes no other lists
  static List<@Nullable Object> array(@Nullable Object value, String source) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List) {
      return (List<@Nullable Object>) value;
    }
    throw CliException.usage(source + " is not a JSON array: [...]");
  }

  /** A field as text; empty where it is absent or null. */
  static String text(Map<String, @Nullable Object> object, String field) {
    Object value = object.get(field);
    return value == null ? "" : value.toString();
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.put(name, value(parser));
        }
        return object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        return array;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        return new Digits(parser.getText());
      }
      case VALUE_TRUE -> {
        return true;
      }
      case VALUE_FALSE -> {
        return false;
      }
      case VALUE_NULL -> {
        return null;
      }
      default -> {
        return parser.getText();
      }
    }
  }

  /** On one line, without a line's end. */
  static String write(@Nullable Object value) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  /** For people: one field a line. */
  static String indented(@Nullable Object value) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      generator.setPrettyPrinter(
          new DefaultPrettyPrinter()
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(new DefaultIndenter("  ", "\n")));
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
    if (value == null) {
      generator.writeNull();
    } else if (value instanceof Map<?, ?> object) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> field : object.entrySet()) {
        generator.writeFieldName(String.valueOf(field.getKey()));
        write(generator, field.getValue());
      }
      generator.writeEndObject();
    } else if (value instanceof Iterable<?> array) {
      generator.writeStartArray();
      for (Object element : array) {
        write(generator, element);
      }
      generator.writeEndArray();
    } else if (value instanceof Boolean truth) {
      generator.writeBoolean(truth);
    } else if (value instanceof Number || value instanceof Digits) {
      generator.writeNumber(value.toString());
    } else {
      generator.writeString(value.toString());
    }
  }
}
