package io.portal.api.firewall;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.net.InetAddresses;
import io.portal.core.model.ServiceType;
import io.portal.core.port.Opening;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The sets of portal's table, each with the openings of one form. */
enum NftSet {
  SERVICES4("services4", "ip", "ipv4_addr", true),
  SERVICES6("services6", "ip6", "ipv6_addr", true),
  /** All ports of an address. */
  ADDRESSES4("addresses4", "ip", "ipv4_addr", false),
  /** All ports of an address. */
  ADDRESSES6("addresses6", "ip6", "ipv6_addr", false),
  /** Without an address. */
  LISTENERS("listeners", "", "", true);

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String text;
  private final String protocol;
  private final String addressType;
  private final boolean ports;

  NftSet(String text, String protocol, String addressType, boolean ports) {
    this.text = text;
    this.protocol = protocol;
    this.addressType = addressType;
    this.ports = ports;
  }

  static NftSet of(Opening opening) {
    InetAddress address = opening.address();
    if (address == null) {
      return LISTENERS;
    }
    boolean ipv6 = address instanceof Inet6Address;
    if (opening.port() == Opening.ALL_PORTS) {
      return ipv6 ? ADDRESSES6 : ADDRESSES4;
    }
    return ipv6 ? SERVICES6 : SERVICES4;
  }

  static Optional<NftSet> named(String name) {
    return List.of(values()).stream().filter(set -> set.text.equals(name)).findFirst();
  }

  /** The set as it is made, without elements. */
  ObjectNode declaration() {
    ArrayNode types = JSON.arrayNode();
    if (!addressType.isEmpty()) {
      types.add(addressType);
    }
    types.add("inet_proto");
    if (ports) {
      types.add("inet_service");
    }
    return NftTable.part().put("name", text).set("type", types);
  }

  /** Elements of this set, as they are added and deleted. */
  ObjectNode elements(List<Opening> openings) {
    ArrayNode elements = JSON.arrayNode();
    for (Opening opening : openings) {
      ArrayNode parts = JSON.arrayNode();
      InetAddress address = opening.address();
      if (address != null) {
        parts.add(InetAddresses.toAddrString(address));
      }
      parts.add(opening.type().text());
      if (ports) {
        parts.add(opening.port());
      }
      elements.add(JSON.objectNode().set("concat", parts));
    }
    return NftTable.part().put("name", text).set("elem", elements);
  }

  /** The opening of an element as nft lists it; empty if it is not portal's. */
  Optional<Opening> opening(JsonNode element) {
    JsonNode parts = element.path("concat");
    int at = addressType.isEmpty() ? 0 : 1;
    try {
      InetAddress address = at == 0 ? null : InetAddresses.forString(parts.path(0).asText());
      int port = ports ? parts.path(at + 1).asInt() : Opening.ALL_PORTS;
      return Optional.of(new Opening(ServiceType.parse(parts.path(at).asText()), address, port));
    } catch (RuntimeException none) {
      return Optional.empty();
    }
  }

  /** What of a packet is looked for in the set. */
  ObjectNode key() {
    ArrayNode parts = JSON.arrayNode();
    if (!protocol.isEmpty()) {
      parts.add(payload(protocol, "daddr"));
    }
    parts.add(JSON.objectNode().set("meta", JSON.objectNode().put("key", "l4proto")));
    if (ports) {
      parts.add(payload("th", "dport"));
    }
    return JSON.objectNode().set("concat", parts);
  }

  private static ObjectNode payload(String protocol, String field) {
    return JSON.objectNode()
        .set("payload", JSON.objectNode().put("protocol", protocol).put("field", field));
  }

  @Override
  public String toString() {
    return text;
  }
}
