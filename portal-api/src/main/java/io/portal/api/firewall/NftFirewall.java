package io.portal.api.firewall;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Sets;
import io.portal.core.port.Firewall;
import io.portal.core.port.FirewallException;
import io.portal.core.port.Opening;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets packets in through nftables. An accept of one table cannot overrule a drop of another, so
 * portal's table marks what is open, and each input chain that would drop it gets one rule, behind
 * its own, that accepts the mark. One thread at a time; blocks for the time of {@code nft}, some
 * milliseconds.
 */
public final class NftFirewall implements Firewall {

  private final NftCommand nft;

  private NftFirewall(NftCommand nft) {
    this.nft = nft;
  }

  /**
   * Looks whether nftables can be used.
   *
   * @throws FirewallException if {@code nft} is missing, or may not be used
   */
  public static NftFirewall open() throws FirewallException {
    return open(List.of("nft"));
  }

  /** As {@link #open()}, with the command that runs nft. */
  static NftFirewall open(List<String> command) throws FirewallException {
    NftCommand nft = new NftCommand(command);
    nft.ruleset();
    return new NftFirewall(nft);
  }

  @Override
  public void change(Collection<Opening> close, Collection<Opening> open) throws FirewallException {
    List<JsonNode> commands = new ArrayList<>();
    elements(commands, "delete", close);
    elements(commands, "add", open);
    nft.apply(commands);
  }

  private static void elements(List<JsonNode> commands, String verb, Collection<Opening> openings) {
    Map<NftSet, List<Opening>> bySet = new EnumMap<>(NftSet.class);
    for (Opening opening : openings) {
      bySet.computeIfAbsent(NftSet.of(opening), set -> new ArrayList<>()).add(opening);
    }
    bySet.forEach(
        (set, some) -> commands.add(NftTable.command(verb, "element", set.elements(some))));
  }

  @Override
  public int settle(Collection<Opening> openings) throws FirewallException {
    JsonNode ruleset = nft.ruleset();
    List<JsonNode> commands = new ArrayList<>();
    Set<Opening> wanted = new HashSet<>(openings);
    Set<Opening> there = new HashSet<>();
    int changes = 0;
    if (whole(ruleset)) {
      there = openings(ruleset);
    } else {
      if (exists(ruleset)) {
        commands.add(NftTable.unmake());
      }
      commands.addAll(NftTable.make());
      changes++;
    }
    Set<Opening> close = Sets.difference(there, wanted);
    Set<Opening> open = Sets.difference(wanted, there);
    elements(commands, "delete", close);
    elements(commands, "add", open);
    changes += close.size() + open.size();
    for (InputChain chain : InputChain.all(ruleset)) {
      List<JsonNode> mending = chain.mend();
      commands.addAll(mending);
      changes += mending.size();
    }
    nft.apply(commands);
    return changes;
  }

  @Override
  public void clear() throws FirewallException {
    JsonNode ruleset = nft.ruleset();
    List<JsonNode> commands = new ArrayList<>();
    for (InputChain chain : InputChain.all(ruleset)) {
      commands.addAll(chain.remove());
    }
    if (exists(ruleset)) {
      commands.add(NftTable.unmake());
    }
    nft.apply(commands);
  }

  private static boolean exists(JsonNode ruleset) {
    for (JsonNode object : ruleset) {
      JsonNode table = object.path("table");
      if (table.path("name").asText().equals(NftTable.NAME)
          && table.path("family").asText().equals(NftTable.FAMILY)) {
        return true;
      }
    }
    return false;
  }

  private static boolean mine(JsonNode object) {
    return object.path("table").asText().equals(NftTable.NAME)
        && object.path("family").asText().equals(NftTable.FAMILY);
  }

  /** Whether the table's sets, chains and rules are as they were made. */
  private static boolean whole(JsonNode ruleset) {
    List<ObjectNode> rules = new ArrayList<>();
    Set<String> sets = new HashSet<>();
    int chains = 0;
    for (JsonNode object : ruleset) {
      JsonNode rule = object.path("rule");
      if (mine(rule)) {
        ObjectNode bare = rule.deepCopy();
        bare.remove("handle");
        rules.add(bare);
      }
      if (mine(object.path("set"))) {
        sets.add(object.path("set").path("name").asText());
      }
      if (mine(object.path("chain")) && object.path("chain").has("hook")) {
        chains++;
      }
    }
    return chains == 2
        && sets.size() == NftSet.values().length
        && sets.stream().allMatch(name -> NftSet.named(name).isPresent())
        && rules.toString().equals(NftTable.rules().toString());
  }

  private static Set<Opening> openings(JsonNode ruleset) {
    Set<Opening> openings = new HashSet<>();
    for (JsonNode object : ruleset) {
      JsonNode set = object.path("set");
      if (mine(set)) {
        NftSet.named(set.path("name").asText())
            .ifPresent(
                named ->
                    set.path("elem")
                        .forEach(element -> named.opening(element).ifPresent(openings::add)));
      }
    }
    return openings;
  }
}
