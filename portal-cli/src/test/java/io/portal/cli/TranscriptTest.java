package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tables of commands: how they are read, and that they leave out nothing that is documented.
 */
class TranscriptTest {

  private static final List<String> TABLES =
      List.of("flags", "json", "output", "places", "services", "state", "vips");

  /** Commands with a transcript or a test of their own that is none. */
  private static final Set<String> NO_API =
      Set.of("demo", "doctor", "config", "completion", "ready");

  private static List<List<String>> commandLines() throws IOException {
    List<List<String>> lines = new ArrayList<>();
    for (String table : TABLES) {
      for (Transcript.Row row : Transcript.read(table + ".transcript", Map.of())) {
        lines.add(List.of(row.words()));
      }
    }
    return lines;
  }

  static Stream<String> commands() {
    return Commands.all().keySet().stream().filter(name -> !NO_API.contains(name));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyFlagStandsInATable(String name) throws IOException {
    Set<String> used =
        commandLines().stream()
            .filter(words -> words.contains(name))
            .flatMap(List::stream)
            .filter(word -> word.startsWith("-"))
            .map(
                word ->
                    word.startsWith("--")
                        ? word.split("=")[0]
                        : word.substring(0, word.length() > 1 ? 2 : 1))
            .collect(Collectors.toSet());
    assertThat(commandLines()).anyMatch(words -> words.contains(name));
    for (Flag flag : Commands.all().get(name).flags()) {
      assertThat(used).as(name).contains("--" + flag.name());
      if (flag.letter() != Flag.NONE) {
        assertThat(used).as(name).contains("-" + flag.letter());
      }
    }
  }

  @Test
  void aRowIsWhatATerminalShows() throws IOException {
    List<Transcript.Row> rows = Transcript.read("example.transcript", Map.of("NAME", "value"));

    assertThat(rows).hasSize(2);
    Transcript.Row first = rows.get(0);
    assertThat(first.command()).isEqualTo("one --two='three four' value > file");
    assertThat(first.words()).containsExactly("one", "--two=three four", "value");
    assertThat(first.target()).isEqualTo("file");
    assertThat(first.files()).hasToString("{name=line\n\n}");
    assertThat(first.input()).isEqualTo("in\n");
    assertThat(first.result()).isEqualTo(new BuiltPortal.Result(3, "out\n\n", " err\n"));
    Transcript.Row second = rows.get(1);
    assertThat(second.words()).containsExactly("five", "");
    assertThat(second.target()).isEmpty();
    assertThat(second.files()).isEmpty();
    assertThat(second.result()).isEqualTo(new BuiltPortal.Result(0, "", ""));
  }

  @Test
  void whatIsNoTranscriptIsRefused() {
    assertThatThrownBy(() -> Transcript.read("nowhere.transcript", Map.of()))
        .hasMessage("there is no resource nowhere.transcript");
    assertThatThrownBy(() -> Transcript.read("version.properties", Map.of()))
        .hasMessageContaining("begins with no known character");
  }
}
