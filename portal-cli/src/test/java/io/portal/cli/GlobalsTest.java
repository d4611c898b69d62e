package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.api.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Flags, environment and file are three ways to say the same. */
class GlobalsTest {

  @TempDir private Path directory;

  @Test
  void everySettingIsAFlagWithTheSameDefault() {
    assertThat(Globals.KEYS)
        .extracting(Flag::name)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Setting.values()).map(Setting::key).toList());
    for (Setting setting : Setting.values()) {
      Flag flag =
          Globals.KEYS.stream()
              .filter(f -> f.name().equals(setting.key()))
              .findFirst()
              .orElseThrow();
      assertThat(flag.takesValue() ? flag.fallback() : "false")
          .as(setting.key())
          .isEqualTo(setting.fallback());
      assertThat(Settings.variable(flag.name())).isEqualTo(setting.variable());
    }
  }

  /** What becomes of the text is the settings' own test. */
  @ParameterizedTest
  @MethodSource("keys")
  void everySettingCanBeTypedInEveryForm(Flag flag) {
    String name = flag.name();
    String text = flag.takesValue() ? "some text" : "false";
    assertThat(typed("--" + name + "=" + text)).containsExactly(Map.entry(name, text));
    if (flag.takesValue()) {
      assertThat(typed("--" + name, text)).containsExactly(Map.entry(name, text));
    } else {
      assertThat(typed("--" + name)).containsExactly(Map.entry(name, "true"));
    }
    if (flag.letter() != Flag.NONE) {
      String letter = "-" + flag.letter();
      List<String> words = flag.takesValue() ? List.of(letter, text) : List.of(letter);
      assertThat(typed(words.toArray(String[]::new)))
          .containsExactly(Map.entry(name, flag.takesValue() ? text : "true"));
    }
  }

  static List<Flag> keys() {
    return Globals.KEYS;
  }

  private static Map<String, String> typed(String... words) {
    return new ArgumentParser(Globals.ALL, Commands.all()).parse(words).flags().pick(Globals.KEYS);
  }

  @Test
  void theStrongerSourceWins() throws IOException {
    Path file =
        Files.writeString(directory.resolve("portal.properties"), "api-port=3\napi-token=f\n");
    Flags flags =
        new ArgumentParser(Globals.ALL, Commands.all()).parse("-c", file.toString()).flags();
    Map<String, String> environment = Map.of("PORTAL_API_PORT", "2");

    assertThat(Settings.Lookup.of(flags, Map.of()).get("api-port")).isEqualTo("3");
    assertThat(Settings.Lookup.of(flags, environment).get("api-port")).isEqualTo("2");
    assertThat(Settings.Lookup.of(flags, environment).get("api-token")).isEqualTo("f");
    assertThat(Settings.Lookup.of(flags, environment).get("api-host")).isEqualTo("127.0.0.1");

    Flags typed =
        new ArgumentParser(Globals.ALL, Commands.all()).parse("-P1", "-c", file.toString()).flags();
    assertThat(Settings.Lookup.of(typed, environment).get("api-port")).isEqualTo("1");
  }
}
