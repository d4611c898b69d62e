package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The help stands in columns, however long a flag is. */
class UsageTest {

  private static void aligned(String help, List<Flag> flags) {
    for (Flag flag : flags) {
      assertThat(help.lines())
          .as(flag.typed())
          .anyMatch(line -> line.startsWith(flag.purpose(), Math.min(line.length(), 36)));
    }
  }

  @Test
  void everyFlagIsExplainedInTheSameColumn() {
    aligned(Usage.overview(Commands.all().values()), Globals.ALL);
    Commands.all().values().forEach(command -> aligned(Usage.of(command), command.flags()));
  }

  @Test
  void everyCommandTo() {
    String help = Usage.overview(Commands.all().values());
    for (Command command : Commands.all().values()) {
      assertThat(help.lines())
          .as(command.name())
          .anyMatch(line -> line.startsWith(command.purpose(), Math.min(line.length(), 30)));
    }
  }
}
