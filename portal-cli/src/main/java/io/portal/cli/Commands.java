package io.portal.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every command, in the order of the overview. */
final class Commands {

  private static final Map<String, Command> ALL = byName();

  private Commands() {}

  static Map<String, Command> all() {
    return ALL;
  }

  private static Map<String, Command> byName() {
    List<Command> commands = new ArrayList<>(ServiceCommands.all());
    commands.addAll(ServerCommands.all());
    commands.addAll(EdgeCommands.routes());
    commands.addAll(EdgeCommands.certs());
    commands.addAll(EdgeCommands.vips());
    commands.addAll(EdgeCommands.pages());
    commands.addAll(StateCommands.all());
    commands.addAll(DaemonCommands.all());
    commands.addAll(ToolCommands.all());
    Map<String, Command> byName = new LinkedHashMap<>();
    commands.forEach(command -> byName.put(command.name(), command));
    return Collections.unmodifiableMap(byName);
  }
}
