package io.portal.netlink;

import java.util.function.Consumer;

/**
 * A message to the kernel.
 *
 * @param type message type, of the family
 * @param flags besides REQUEST, ACK and DUMP, which are set as needed
 * @param body writes the family's fixed header, then the attributes
 */
public record NetlinkRequest(int type, int flags, Consumer<AttributeWriter> body) {

  /** A request without further flags. */
  public NetlinkRequest(int type, Consumer<AttributeWriter> body) {
    this(type, 0, body);
  }
}
