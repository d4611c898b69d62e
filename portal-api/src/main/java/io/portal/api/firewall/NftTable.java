package io.portal.api.firewall;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Portal's own table, as libnftables-json(5) writes it: before everybody else's input chains it
 * marks what is open, behind them it takes the mark away again. Stateless.
 */
final class NftTable {

  /** The bit of a packet's mark that says: open. High, where few others have theirs. */
  static final long MARK = 0x4000_0000L;

  static final String FAMILY = "inet";
  static final String NAME = "portal";

  private static final String MARKING = "mark-open";
  private static final String UNMARKING = "unmark";

  /** Before all filters. */
  private static final int BEFORE = -350;

  /** Behind the filters, before IPVS (98), which looks at marks too. */
  private static final int BEHIND = 90;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private NftTable() {}

  /** The start of an object in portal's table. */
  static ObjectNode part() {
    return JSON.objectNode().put("family", FAMILY).put("table", NAME);
  }

  static ObjectNode command(String verb, String kind, JsonNode object) {
    return JSON.objectNode().set(verb, JSON.objectNode().set(kind, object));
  }

  /** Makes the table with empty sets. */
  static List<JsonNode> make() {
    List<JsonNode> commands = new ArrayList<>();
    commands.add(command("add", "table", table()));
    for (NftSet set : NftSet.values()) {
      commands.add(command("add", "set", set.declaration()));
    }
    commands.add(command("add", "chain", chain(MARKING, BEFORE)));
    commands.add(command("add", "chain", chain(UNMARKING, BEHIND)));
    for (ObjectNode rule : rules()) {
      commands.add(command("add", "rule", rule));
    }
    return commands;
  }

  static JsonNode unmake() {
    return command("delete", "table", table());
  }

  private static ObjectNode table() {
    return JSON.objectNode().put("family", FAMILY).put("name", NAME);
  }

  private static ObjectNode chain(String name, int priority) {
    return part()
        .put("name", name)
        .put("type", "filter")
        .put("hook", "input")
        .put("prio", priority)
        .put("policy", "accept");
  }

  /** The rules of the table in their order; they look as nft lists them, without handles. */
  static List<ObjectNode> rules() {
    List<ObjectNode> rules = new ArrayList<>();
    for (NftSet set : NftSet.values()) {
      ObjectNode found = JSON.objectNode();
      found.put("op", "==").set("left", set.key());
      found.put("right", "@" + set);
      rules.add(rule(MARKING, found, mark("|", MARK)));
    }
    rules.add(rule(UNMARKING, open(), mark("&", ~MARK & 0xffff_ffffL)));
    return rules;
  }

  private static ObjectNode rule(String chain, ObjectNode match, ObjectNode statement) {
    ArrayNode expressions = JSON.arrayNode();
    expressions.add(JSON.objectNode().set("match", match)).add(statement);
    return part().put("chain", chain).set("expr", expressions);
  }

  /** What an operator's chain is given: accepts what is open. */
  static ArrayNode acceptOpen() {
    ArrayNode expressions = JSON.arrayNode();
    expressions.add(JSON.objectNode().set("match", open()));
    return expressions.add(JSON.objectNode().set("accept", JSON.nullNode()));
  }

  private static ObjectNode open() {
    ArrayNode bit = JSON.arrayNode().add(meta()).add(MARK);
    ObjectNode match = JSON.objectNode();
    match.put("op", "==").set("left", JSON.objectNode().set("&", bit));
    return match.put("right", MARK);
  }

  private static ObjectNode mark(String operator, long bits) {
    ObjectNode mangle = JSON.objectNode();
    mangle.set("key", meta());
    mangle.set("value", JSON.objectNode().set(operator, JSON.arrayNode().add(meta()).add(bits)));
    return JSON.objectNode().set("mangle", mangle);
  }

  private static ObjectNode meta() {
    return JSON.objectNode().set("meta", JSON.objectNode().put("key", "mark"));
  }
}
