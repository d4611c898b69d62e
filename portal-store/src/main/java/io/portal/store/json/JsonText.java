package io.portal.store.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads and writes JSON text, one object or the elements of one array at a time. */
final class JsonText {

  /** Without interning of field names, with which strangers could fill memory. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  private JsonText() {}

  static JsonGenerator generator(OutputStream out) throws IOException {
    return FACTORY.createGenerator(out);
  }

  /** The one object that the text is. */
  static JsonObject object(InputStream in) throws IOException {
    return parse(
        in,
        parser -> {
          expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
          return readObject(parser);
        });
  }

  /** The one object that the text is, with what is null in it and in its objects. */
  static JsonObject patch(InputStream in) throws IOException {
    return parse(
        in,
        parser -> {
          expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
          return readPatch(parser);
        });
  }

  /** Hands over the objects of the one array that the text is, as they are read. */
  static void array(InputStream in, Consumer<JsonObject> elements) throws IOException {
    parse(
        in,
        parser -> {
          expect(parser, parser.nextToken(), JsonToken.START_ARRAY);
          for (JsonToken token = parser.nextToken();
              token != JsonToken.END_ARRAY;
              token = parser.nextToken()) {
            expect(parser, token, JsonToken.START_OBJECT);
            elements.accept(readObject(parser));
          }
          return true;
        });
  }

  private interface Reading<T> {
    T read(JsonParser parser) throws IOException;
  }

  private static <T> T parse(InputStream in, Reading<T> reading) throws IOException {
    try (JsonParser parser = FACTORY.createParser(in)) {
      T value = reading.read(parser);
      if (parser.nextToken() != null) {
        throw new BadJsonException("something follows the value" + at(parser));
      }
      return value;
    } catch (JacksonException e) {
      // Neither its words nor itself: they quote the text, which may hold a private key.
      throw new BadJsonException(
          (e instanceof JsonEOFException ? "the text ends too early" : "not JSON") + at(e));
    } catch (CharConversionException e) {
      throw new BadJsonException("not UTF-8");
    }
  }

  private static String at(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ")";
  }

  private static String at(JsonParser parser) {
    return " (line "
        + parser.currentLocation().getLineNr()
        + ", column "
        + parser.currentLocation().getColumnNr()
        + ")";
  }

  private static void expect(JsonParser parser, @Nullable JsonToken token, JsonToken expected) {
    if (token != expected) {
      String name = expected == JsonToken.START_ARRAY ? "an array" : "an object";
      throw new BadJsonException(
          name + " belongs here, not " + (token == null ? "the end" : token) + at(parser));
    }
  }

  private static JsonObject readObject(JsonParser parser) throws IOException {
    JsonObject object = new JsonObject();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      object.put(name, readValue(parser, parser.nextToken()));
    }
    return object;
  }

  /** Arrays in a patch replace what is there, so what is null in their objects is absent. */
  private static JsonObject readPatch(JsonParser parser) throws IOException {
    JsonObject object = new JsonObject();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      Object value = token == JsonToken.START_OBJECT ? readPatch(parser) : readValue(parser, token);
      object.put(name, value == null ? JsonObject.NULL : value);
    }
    return object;
  }

  private static @Nullable Object readValue(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> wellFormed(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonObject.Number(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static List<Object> readArray(JsonParser parser) throws IOException {
    List<Object> list = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      Object value = readValue(parser, token);
      list.add(value == null ? JsonObject.NULL : value);
    }
    return list;
  }

  /** Half a surrogate pair, which JSON's escapes allow and UTF-8 does not, becomes U+FFFD. */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return text.codePoints()
            .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
      }
    }
    return text;
  }
}
