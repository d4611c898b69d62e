package io.portal.ipvs;

import static io.portal.ipvs.IpvsConstants.*;

import io.portal.netlink.AttributeReader;
import io.portal.netlink.AttributeWriter;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Attributes of synchronisation daemons, both ways. */
final class IpvsDaemonCodec {

  private IpvsDaemonCodec() {}

  /** Writes what identifies a daemon; the kernel wants all three to stop it. */
  static void writeKey(AttributeWriter out, IpvsDaemon daemon) {
    int start = out.nest(CMD_ATTR_DAEMON);
    writeKeyAttributes(out, daemon);
    out.end(start);
  }

  private static void writeKeyAttributes(AttributeWriter out, IpvsDaemon daemon) {
    out.u32(DAEMON_ATTR_STATE, daemon.role().wire());
    out.string(DAEMON_ATTR_MCAST_IFN, daemon.interfaceName());
    out.u32(DAEMON_ATTR_SYNC_ID, daemon.syncId());
  }

  /** Writes a daemon; what is left to the kernel's default is left out. */
  static void write(AttributeWriter out, IpvsDaemon daemon) {
    int start = out.nest(CMD_ATTR_DAEMON);
    writeKeyAttributes(out, daemon);
    if (daemon.maxLength() != 0) {
      out.u16(DAEMON_ATTR_SYNC_MAXLEN, daemon.maxLength());
    }
    InetAddress group = daemon.group();
    if (group != null) {
      out.bytes(
          group instanceof Inet4Address ? DAEMON_ATTR_MCAST_GROUP : DAEMON_ATTR_MCAST_GROUP6,
          group.getAddress());
    }
    if (daemon.port() != 0) {
      out.u16(DAEMON_ATTR_MCAST_PORT, daemon.port());
    }
    if (daemon.ttl() != 0) {
      out.u8(DAEMON_ATTR_MCAST_TTL, daemon.ttl());
    }
    out.end(start);
  }

  /** Reads the attributes of a daemon, nested in IPVS_CMD_ATTR_DAEMON. */
  static IpvsDaemon read(AttributeReader in) {
    long state = 0;
    String interfaceName = "";
    int syncId = 0;
    int maxLength = 0;
    byte @Nullable [] group = null;
    int port = 0;
    int ttl = 0;
    while (in.next()) {
      switch (in.type()) {
        case DAEMON_ATTR_STATE -> state = in.u32();
        case DAEMON_ATTR_MCAST_IFN -> interfaceName = in.string();
        case DAEMON_ATTR_SYNC_ID -> syncId = in.i32() & 255;
        case DAEMON_ATTR_SYNC_MAXLEN -> maxLength = in.u16();
        case DAEMON_ATTR_MCAST_GROUP -> group = in.bytes(4);
        case DAEMON_ATTR_MCAST_GROUP6 -> group = in.bytes(16);
        case DAEMON_ATTR_MCAST_PORT -> port = in.u16();
        case DAEMON_ATTR_MCAST_TTL -> ttl = in.u8();
        default -> {} // newer kernels tell more
      }
    }
    return new IpvsDaemon(
        IpvsDaemon.Role.ofWire(state),
        interfaceName.isEmpty() ? "?" : interfaceName,
        syncId,
        maxLength,
        group == null ? null : address(group),
        port,
        ttl);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }
}
