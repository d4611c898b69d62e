package io.portal.api.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a configuration file: JSON, YAML, TOML or properties, by its ending. */
final class ConfigFile {

  private ConfigFile() {}

  /**
   * The values by key.
   *
   * @param faults gets a line for each key that there is not
   * @throws ConfigException if it cannot be read
   */
  static Map<String, String> read(Path file, List<String> faults) {
    Map<String, String> values;
    try {
      values = lowerCase(file, parse(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": there is no such file");
    } catch (JacksonException e) {
      throw new ConfigException(file + where(e.getLocation()) + ": " + reason(e));
    } catch (IOException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
    for (String key : values.keySet()) {
      if (Setting.of(key).isEmpty()) {
        faults.add(
            file
                + ": '"
                + key
                + "' is no setting: must be one of "
                + Arrays.stream(Setting.values())
                    .map(Setting::key)
                    .collect(Collectors.joining(", ")));
      }
    }
    return values;
  }

  /** Keys have no case, as in the Go portal; two that differ in it alone are a mistake. */
  private static Map<String, String> lowerCase(Path file, Map<String, String> values) {
    Map<String, String> lower = new LinkedHashMap<>();
    values.forEach(
        (written, value) -> {
          String key = written.toLowerCase(Locale.ROOT);
          if (lower.put(key, value) != null) {
            throw new ConfigException(file + ": '" + key + "' is set twice");
          }
        });
    return lower;
  }

  private static Map<String, String> parse(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "json" -> tree(file, new JsonMapper());
      case "yaml", "yml" -> yaml(file);
      case "toml" -> tree(file, new TomlMapper());
      case "properties" -> properties(file);
      default ->
          throw new ConfigException(
              file + ": a configuration file ends in .json, .yaml, .yml, .toml or .properties");
    };
  }

  private static String where(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : ", line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  /** The first line only, without words of the file, which may hold a token: others quote them. */
  private static String reason(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    message = message.replaceAll("token '[^']*'", "token");
    int marker = message.indexOf(" (start marker at ");
    return "cannot be read: " + (marker < 0 ? message : message.substring(0, marker));
  }

  /**
   * In YAML 1.1 yes, on and off are truth values, in YAML 1.2 texts. They are taken as the setting
   * means them: {@code insecure: yes} is true, and {@code proxy-http: off} is off.
   */
  private static Map<String, String> yaml(Path file) throws IOException {
    YAMLMapper mapper =
        YAMLMapper.builder().enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS).build();
    Map<String, String> values = tree(file, mapper);
    values.replaceAll(
        (key, value) ->
            Setting.of(key.toLowerCase(Locale.ROOT)).filter(Setting::isBoolean).isPresent()
                ? truth(value)
                : value);
    return values;
  }

  private static String truth(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "yes", "on", "y" -> "true";
      case "no", "off", "n" -> "false";
      default -> word;
    };
  }

  private static Map<String, String> tree(Path file, ObjectMapper mapper) throws IOException {
    JsonNode root = mapper.readTree(Files.readAllBytes(file));
    Map<String, String> values = new LinkedHashMap<>();
    if (root == null || root.isMissingNode() || root.isNull()) {
      return values;
    }
    if (!root.isObject()) {
      throw new ConfigException(file + ": must be an object of keys and values");
    }
    root.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
                throw new ConfigException(
                    file + ": " + entry.getKey() + ": must be a text, a number, true or false");
              }
              values.put(entry.getKey(), entry.getValue().asText());
            });
    return values;
  }

  private static Map<String, String> properties(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
    Map<String, String> values = new LinkedHashMap<>();
    properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
    return values;
  }
}
