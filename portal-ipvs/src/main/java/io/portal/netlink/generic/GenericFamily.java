package io.portal.netlink.generic;

import io.portal.netlink.AttributeReader;
import io.portal.netlink.AttributeWriter;
import io.portal.netlink.Errno;
import io.portal.netlink.NetlinkConnection;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkMessage;
import io.portal.netlink.NetlinkRequest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A family of generic netlink messages as this kernel has it. Immutable.
 *
 * @param name the name it was asked for by
 * @param id the type of its messages, which is another one in every boot of a kernel
 * @param version the family's version
 * @param groups numbers of its multicast groups by name
 */
public record GenericFamily(String name, int id, int version, Map<String, Integer> groups) {

  // include/uapi/linux/genetlink.h
  private static final int GENL_ID_CTRL = 0x10;
  private static final int CTRL_VERSION = 2;
  private static final int CTRL_CMD_GETFAMILY = 3;
  private static final int CTRL_ATTR_FAMILY_ID = 1;
  private static final int CTRL_ATTR_FAMILY_NAME = 2;
  private static final int CTRL_ATTR_VERSION = 3;
  private static final int CTRL_ATTR_MCAST_GROUPS = 7;
  private static final int CTRL_ATTR_MCAST_GRP_NAME = 1;
  private static final int CTRL_ATTR_MCAST_GRP_ID = 2;

  /** The maps are copied. */
  public GenericFamily {
    groups = Map.copyOf(groups);
  }

  /**
   * Asks nlctrl for a family; the kernel loads the family's module if it can. Blocks.
   *
   * @return empty if this kernel has no such family
   * @throws NetlinkException if it cannot be found out
   */
  public static Optional<GenericFamily> resolve(NetlinkConnection connection, String name)
      throws NetlinkException {
    String operation = "resolve generic netlink family " + name;
    GenericFamily nlctrl = new GenericFamily("nlctrl", GENL_ID_CTRL, CTRL_VERSION, Map.of());
    Answer answer = new Answer();
    try {
      connection.query(
          operation,
          nlctrl.request(CTRL_CMD_GETFAMILY, out -> out.string(CTRL_ATTR_FAMILY_NAME, name)),
          (index, message) -> answer.read(operation, message));
    } catch (NetlinkException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
    return Optional.of(new GenericFamily(name, answer.id, answer.version, answer.groups));
  }

  /**
   * A request to this family.
   *
   * @param command one of the family's commands
   * @param attributes writes the attributes
   */
  public NetlinkRequest request(int command, Consumer<AttributeWriter> attributes) {
    return new NetlinkRequest(
        id,
        out -> {
          // struct genlmsghdr: u8 cmd, u8 version, u16 reserved
          out.headerU8(command);
          out.headerU8(version);
          out.headerU16(0);
          attributes.accept(out);
        });
  }

  /** The attributes of a message of any family, behind its command, version and reserved bytes. */
  public static AttributeReader attributes(NetlinkMessage message) {
    AttributeReader body = message.body();
    body.headerU32();
    return body;
  }

  private static final class Answer {
    private int id;
    private int version;
    private final Map<String, Integer> groups = new TreeMap<>();

    void read(String operation, NetlinkMessage message) throws NetlinkException {
      AttributeReader in = attributes(message);
      while (in.next()) {
        switch (in.type()) {
          case CTRL_ATTR_FAMILY_ID -> id = in.u16();
          case CTRL_ATTR_VERSION -> version = (int) in.u32();
          case CTRL_ATTR_MCAST_GROUPS -> readGroups(in.nested());
          default -> {} // operations and policies, which nothing here needs
        }
      }
      in.check(operation);
    }

    private void readGroups(AttributeReader list) {
      while (list.next()) {
        AttributeReader group = list.nested();
        String groupName = "";
        int number = 0;
        while (group.next()) {
          switch (group.type()) {
            case CTRL_ATTR_MCAST_GRP_NAME -> groupName = group.string();
            case CTRL_ATTR_MCAST_GRP_ID -> number = (int) group.u32();
            default -> {} // unknown
          }
        }
        groups.put(groupName, number);
      }
    }
  }
}
