package io.portal.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Completion scripts for shells, made of the same tables as the parser and the help. */
final class Completion {

  private Completion() {}

  static Command command() {
    return Command.of(
            "Tools",
            "completion",
            "Print a completion script",
            List.of(),
            in -> {
              if (in.arguments().size() != 1) {
                throw CliException.usage("completion: say for which shell: bash, zsh or fish");
              }
              Collection<Command> commands = Commands.all().values();
              in.terminal()
                  .out()
                  .print(
                      switch (in.arguments().get(0)) {
                        case "bash" -> bash(commands);
                        case "zsh" -> zsh(commands);
                        case "fish" -> fish(commands);
                        default ->
                            throw CliException.usage(
                                "completion: '"
                                    + in.arguments().get(0)
                                    + "' is not bash, zsh or fish");
                      });
              return Exit.OK;
            },
            "source <(portal completion bash)",
            "portal completion fish > ~/.config/fish/completions/portal.fish")
        .withArguments("bash|zsh|fish");
  }

  private static String bash(Collection<Command> commands) {
    StringBuilder cases = new StringBuilder();
    StringBuilder values = new StringBuilder();
    for (Command command : commands) {
      cases.append("    ").append(command.name()).append(") words=\"");
      cases.append(CompletionValues.ofArguments(command)).append(flagWords(command));
      cases.append("\" ;;\n");
      valueCases(values, command.name(), command.flags());
    }
    valueCases(values, "*", Globals.ALL);
    return """
    # bash completion for portal; load it with: source <(portal completion bash)
    _portal_ids() {
      "${COMP_WORDS[0]}" "$@" 2>/dev/null | grep -oE "\\"id\\":\\"$pattern[^\\"]*" | cut -d '"' -f 4
    }
    _portal() {
      local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command="" words="" i
      local service="" pattern=""
      COMPREPLY=()
      # Bash takes --output=yaml for three words.
      if [[ $word == "=" ]]; then word=""
      elif [[ $previous == "=" ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
      for ((i = 1; i < COMP_CWORD; i++)); do
        case " %COMMANDS% " in *" ${COMP_WORDS[i]} "*) command=${COMP_WORDS[i]} ;; esac
        case ${COMP_WORDS[i]} in
          -I|--service-id)
            service=${COMP_WORDS[i+1]:-}
            [[ $service != "=" ]] || service=${COMP_WORDS[i+2]:-} ;;
        esac
      done
      case "$command $previous" in
    %VALUES%  esac
      if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$word")); return; fi
      case $command in
        "") words="help %COMMANDS% %GLOBALS%" ;;
        import|import-ipvs) COMPREPLY=($(compgen -f -- "$word")) ;;&
    %CASES%  esac
      COMPREPLY+=($(compgen -W "$words" -- "$word"))
    }
    complete -F _portal portal
    """
        .replace("%COMMANDS%", names(commands))
        .replace("%GLOBALS%", words(Globals.ALL))
        .replace("%VALUES%", values)
        .replace("%CASES%", cases);
  }

  /** What the values of flags may be, where that is known or the daemon knows it. */
  private static void valueCases(StringBuilder text, String command, List<Flag> flags) {
    String quoted = command.equals("*") ? "*\" " : "\"" + command + " ";
    for (Flag flag : flags) {
      String what = CompletionValues.inBash(flag);
      if (!what.isEmpty()) {
        text.append("    ").append(quoted).append(flag.typed()).append('"');
        if (flag.letter() != Flag.NONE) {
          text.append('|').append(quoted).append('-').append(flag.letter()).append('"');
        }
        text.append(") ").append(what).append(" ;;\n");
      }
    }
  }

  /** Zsh understands bash's scripts. */
  private static String zsh(Collection<Command> commands) {
    return "#compdef portal\nautoload -U +X bashcompinit && bashcompinit\n" + bash(commands);
  }

  private static String fish(Collection<Command> commands) {
    StringBuilder text = new StringBuilder("# fish completion for portal\n");
    String none = "not __fish_seen_subcommand_from " + names(commands);
    for (Command command : commands) {
      text.append("complete -c portal -f -n '").append(none).append("' -a ");
      text.append(command.name()).append(" -d ").append(quoted(command.purpose())).append('\n');
    }
    Globals.ALL.forEach(flag -> text.append(fishFlag(flag, "")));
    for (Command command : commands) {
      String arguments = CompletionValues.ofArguments(command).strip();
      if (!arguments.isEmpty()) {
        text.append("complete -c portal -f -n '__fish_seen_subcommand_from ");
        text.append(command.name()).append("' -a ").append(quoted(arguments)).append('\n');
      }
      for (Flag flag : command.flags()) {
        text.append(fishFlag(flag, " -n '__fish_seen_subcommand_from " + command.name() + "'"));
      }
    }
    return text.toString();
  }

  private static String fishFlag(Flag flag, String condition) {
    return "complete -c portal"
        + condition
        + (flag.letter() == Flag.NONE ? "" : " -s " + flag.letter())
        + " -l "
        + flag.name()
        + CompletionValues.inFish(flag)
        + " -d "
        + quoted(flag.purpose())
        + "\n";
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String names(Collection<Command> commands) {
    return commands.stream().map(Command::name).collect(Collectors.joining(" "));
  }

  private static String flagWords(Command command) {
    List<Flag> flags = new ArrayList<>(command.flags());
    flags.addAll(Globals.ALL);
    return words(flags);
  }

  private static String words(List<Flag> flags) {
    return flags.stream().map(Flag::typed).distinct().collect(Collectors.joining(" "));
  }
}
