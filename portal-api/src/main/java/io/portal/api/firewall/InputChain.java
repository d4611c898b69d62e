package io.portal.api.firewall;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A base chain of somebody else that packets to this host pass. */
final class InputChain {

  /** How a rule of portal in another's chain is known. */
  static final String COMMENT = "portal";

  private static final Set<String> NO_VERDICT = Set.of("counter", "log");
  private static final Set<String> REFUSALS = Set.of("drop", "reject");

  private final JsonNode chain;
  private final List<JsonNode> rules = new ArrayList<>();

  private InputChain(JsonNode chain) {
    this.chain = chain;
  }

  /** All of them, each with its rules. */
  static List<InputChain> all(JsonNode ruleset) {
    List<InputChain> chains = new ArrayList<>();
    for (JsonNode object : ruleset) {
      JsonNode chain = object.path("chain");
      if (chain.path("hook").asText().equals("input")
          && chain.path("type").asText().equals("filter")
          && Set.of("ip", "ip6", "inet").contains(chain.path("family").asText())
          && !(chain.path("family").asText().equals(NftTable.FAMILY)
              && chain.path("table").asText().equals(NftTable.NAME))) {
        chains.add(new InputChain(chain));
      }
    }
    for (JsonNode object : ruleset) {
      JsonNode rule = object.path("rule");
      chains.stream().filter(chain -> chain.holds(rule)).forEach(chain -> chain.rules.add(rule));
    }
    return chains;
  }

  private boolean holds(JsonNode rule) {
    return rule.path("chain").equals(chain.path("name"))
        && rule.path("table").equals(chain.path("table"))
        && rule.path("family").equals(chain.path("family"));
  }

  /**
   * What makes the chain accept what is open, and only if it does not otherwise. The rule stands
   * behind all of the owner's: whoever the owner refuses by name stays refused.
   */
  List<JsonNode> mend() {
    JsonNode last = null;
    boolean there = false;
    for (JsonNode rule : rules) {
      if (ours(rule)) {
        there |= rule.path("expr").toString().equals(NftTable.acceptOpen().toString());
      } else {
        last = rule;
      }
    }
    boolean catchAll = last != null && refusesAll(last.path("expr"));
    boolean needed = catchAll || chain.path("policy").asText().equals("drop");
    if (needed == there) {
      return List.of();
    }
    if (!needed) {
      return remove();
    }
    ObjectNode rule = at(JsonNodeFactory.instance.objectNode());
    rule.put("comment", COMMENT).set("expr", NftTable.acceptOpen());
    if (catchAll && last != null) {
      rule.set("handle", last.path("handle"));
      return List.of(NftTable.command("insert", "rule", rule));
    }
    return List.of(NftTable.command("add", "rule", rule));
  }

  /** What takes portal's rules out of the chain. */
  List<JsonNode> remove() {
    List<JsonNode> commands = new ArrayList<>();
    for (JsonNode rule : rules) {
      if (ours(rule)) {
        ObjectNode gone = at(JsonNodeFactory.instance.objectNode());
        gone.set("handle", rule.path("handle"));
        commands.add(NftTable.command("delete", "rule", gone));
      }
    }
    return commands;
  }

  private ObjectNode at(ObjectNode rule) {
    rule.set("family", chain.path("family"));
    rule.set("table", chain.path("table"));
    rule.set("chain", chain.path("name"));
    return rule;
  }

  private static boolean ours(JsonNode rule) {
    return rule.path("comment").asText().equals(COMMENT);
  }

  /** Whether nothing gets past this rule. */
  private static boolean refusesAll(JsonNode expressions) {
    boolean refuses = false;
    for (JsonNode expression : expressions) {
      String kind = expression.fieldNames().hasNext() ? expression.fieldNames().next() : "";
      boolean refusal =
          REFUSALS.contains(kind)
              || kind.equals("xt") && expression.path(kind).path("name").asText().equals("REJECT");
      if (!refusal && !NO_VERDICT.contains(kind)) {
        return false;
      }
      refuses |= refusal;
    }
    return refuses;
  }
}
