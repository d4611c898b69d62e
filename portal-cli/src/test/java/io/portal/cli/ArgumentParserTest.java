package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The grammar of flags, and the table of commands itself. */
class ArgumentParserTest {

  private static ArgumentParser.Parsed parse(String... words) {
    return new ArgumentParser(Globals.ALL, Commands.all()).parse(words);
  }

  @Test
  void aCommandsOwnLetterWinsBehindIt() {
    Flags flags = parse("-p", "secret", "-s", "add-server", "-p", "80", "-l", "3").flags();

    assertThat(flags.get("api-key-password")).isEqualTo("secret");
    assertThat(flags.on("server")).isTrue();
    assertThat(flags.get("server-port")).isEqualTo("80");
    assertThat(flags.get("server-lower-threshold")).isEqualTo("3");
    assertThat(flags.given("log-level")).isFalse();
  }

  @Test
  void aLongNameAlwaysMeansTheGlobalFlag() {
    Flags flags = parse("add-cert", "--api-key=a", "--key=b", "-k", "c", "--api-cert", "d").flags();

    assertThat(flags.get("api-key")).isEqualTo("a");
    assertThat(flags.get("key")).isEqualTo("c");
    assertThat(flags.get("api-cert")).isEqualTo("d");
  }

  @Test
  void valuesAreTakenInEveryForm() {
    for (String form : List.of("-tabc", "-t=abc", "-t abc", "--api-token=abc", "--api-token abc")) {
      List<String> words = new ArrayList<>(List.of(form.split(" ")));
      assertThat(parse(words.toArray(String[]::new)).flags().get("api-token")).isEqualTo("abc");
      words.add(0, "show-vips");
      assertThat(parse(words.toArray(String[]::new)).flags().get("api-token")).isEqualTo("abc");
    }
  }

  @Test
  void lettersWithoutValueShareAWord() {
    Flags flags = parse("-ist", "token").flags();

    assertThat(flags.on("insecure")).isTrue();
    assertThat(flags.on("server")).isTrue();
    assertThat(flags.get("api-token")).isEqualTo("token");
  }

  @Test
  void aFlagCanBeTurnedOff() {
    assertThat(parse("-i", "--insecure=false").flags().on("insecure")).isFalse();
  }

  @Test
  void aDashIsAValueAndTwoEndTheFlags() {
    assertThat(parse("set-vips", "-j", "-").flags().get("json")).isEqualTo("-");
    assertThat(parse("import", "--", "-file").arguments()).containsExactly("-file");
  }

  @Test
  void everyCommandIsExplained() {
    for (Command command : Commands.all().values()) {
      String help = new CommandLine().run(command.name(), "--help").out();
      assertThat(help).startsWith(command.purpose() + ".\n");
      assertThat(command.examples()).isNotEmpty();
      for (String example : command.examples()) {
        assertThat(help).contains("\n  " + example + "\n");
        assertThat(example).contains("portal " + command.name());
      }
      assertThat(new CommandLine().run().out()).contains("\n  " + command.name());
    }
  }

  @Test
  void noCommandHasALetterOrNameTwice() {
    for (Command command : Commands.all().values()) {
      Set<String> names = new TreeSet<>();
      for (Flag flag : command.flags()) {
        assertThat(names.add(flag.typed())).as(command.name() + " " + flag.typed()).isTrue();
        assertThat(flag.letter() == Flag.NONE || names.add("-" + flag.letter()))
            .as(command.name() + " -" + flag.letter())
            .isTrue();
        assertThat(Globals.ALL).noneMatch(global -> global.name().equals(flag.name()));
      }
    }
  }
}
