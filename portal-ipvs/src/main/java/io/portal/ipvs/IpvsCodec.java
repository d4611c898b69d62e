package io.portal.ipvs;

import static io.portal.ipvs.IpvsConstants.*;

import io.portal.core.model.Addresses;
import io.portal.netlink.AttributeReader;
import io.portal.netlink.AttributeWriter;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Attributes of services and destinations, both ways. What an older kernel leaves out gets the
 * value that this kernel implies, what a newer one adds is ignored.
 */
final class IpvsCodec {

  private IpvsCodec() {}

  /** Writes what identifies a service. */
  static void writeKey(AttributeWriter out, IpvsKey key) {
    int service = out.nest(CMD_ATTR_SERVICE);
    writeKeyAttributes(out, key);
    out.end(service);
  }

  private static void writeKeyAttributes(AttributeWriter out, IpvsKey key) {
    out.u16(SVC_ATTR_AF, key.family().wire());
    if (key instanceof IpvsKey.Mark mark) {
      out.u32(SVC_ATTR_FWMARK, mark.mark());
    } else if (key instanceof IpvsKey.Socket socket) {
      out.u16(SVC_ATTR_PROTOCOL, socket.protocol().wire());
      out.bytes(SVC_ATTR_ADDR, socket.address().getAddress());
      out.u16NetworkOrder(SVC_ATTR_PORT, socket.port());
    }
  }

  /** Writes a service with all its settings, for NEW and SET. */
  static void writeService(AttributeWriter out, IpvsService service) {
    int start = out.nest(CMD_ATTR_SERVICE);
    writeKeyAttributes(out, service.key());
    out.string(SVC_ATTR_SCHED_NAME, service.scheduler());
    String engine = service.persistenceEngine();
    if (engine != null) {
      // SET without it would take the engine away.
      out.string(SVC_ATTR_PE_NAME, engine);
    }
    Duration persistence = service.persistence();
    int flags = IpvsFlag.toWire(service.flags()) | (persistence == null ? 0 : SVC_F_PERSISTENT);
    // struct ip_vs_flags: the flags, and which of them are meant: all.
    out.u32Pair(SVC_ATTR_FLAGS, flags, ~0);
    out.u32(SVC_ATTR_TIMEOUT, persistence == null ? 0 : persistence.toSeconds());
    IpvsNetmask netmask = service.netmask();
    if (netmask.family() == IpvsFamily.IPV4) {
      out.u32NetworkOrder(SVC_ATTR_NETMASK, netmask.value());
    } else {
      out.u32(SVC_ATTR_NETMASK, netmask.value());
    }
    out.end(start);
  }

  /** Writes what identifies a destination. */
  static void writeDestinationKey(AttributeWriter out, IpvsDestination destination) {
    int start = out.nest(CMD_ATTR_DEST);
    writeDestinationKeyAttributes(out, destination);
    out.end(start);
  }

  private static void writeDestinationKeyAttributes(
      AttributeWriter out, IpvsDestination destination) {
    out.u16(DEST_ATTR_ADDR_FAMILY, IpvsFamily.of(destination.address()).wire());
    out.bytes(DEST_ATTR_ADDR, destination.address().getAddress());
    out.u16NetworkOrder(DEST_ATTR_PORT, destination.port());
  }

  /** Writes a destination with all its settings, for NEW and SET. */
  static void writeDestination(AttributeWriter out, IpvsDestination destination) {
    int start = out.nest(CMD_ATTR_DEST);
    writeDestinationKeyAttributes(out, destination);
    out.u32(DEST_ATTR_FWD_METHOD, destination.forwarder().wire());
    out.u32(DEST_ATTR_WEIGHT, destination.weight());
    out.u32(DEST_ATTR_U_THRESH, destination.upperThreshold());
    out.u32(DEST_ATTR_L_THRESH, destination.lowerThreshold());
    IpvsTunnel tunnel = destination.tunnel();
    if (!tunnel.equals(IpvsTunnel.IPIP)) {
      // Left out for IPIP, which is what the kernel then takes: older ones know nothing else.
      out.u8(DEST_ATTR_TUN_TYPE, tunnel.type().wire());
      out.u16NetworkOrder(DEST_ATTR_TUN_PORT, tunnel.port());
      out.u16(DEST_ATTR_TUN_FLAGS, tunnel.checksum().wire());
    }
    out.end(start);
  }

  /** Reads the attributes of a service, nested in IPVS_CMD_ATTR_SERVICE. */
  static IpvsServiceEntry readService(AttributeReader in) {
    IpvsFamily family = IpvsFamily.IPV4;
    int protocol = 0;
    byte[] address = new byte[16];
    int port = 0;
    long mark = 0;
    String scheduler = "";
    int flags = 0;
    long timeout = 0;
    int netmask = 0;
    int netmaskNetworkOrder = 0;
    String engine = "";
    IpvsStats stats = IpvsStats.NONE;
    boolean stats64 = false;
    while (in.next()) {
      switch (in.type()) {
        case SVC_ATTR_AF -> family = IpvsFamily.ofWire(in.u16());
        case SVC_ATTR_PROTOCOL -> protocol = in.u16();
        case SVC_ATTR_ADDR -> address = in.bytes(Math.min(16, in.length()));
        case SVC_ATTR_PORT -> port = in.u16NetworkOrder();
        case SVC_ATTR_FWMARK -> mark = in.u32();
        case SVC_ATTR_SCHED_NAME -> scheduler = in.string();
        case SVC_ATTR_FLAGS -> flags = in.i32();
        case SVC_ATTR_TIMEOUT -> timeout = in.u32();
        case SVC_ATTR_NETMASK -> {
          netmask = in.i32();
          netmaskNetworkOrder = in.i32NetworkOrder();
        }
        case SVC_ATTR_PE_NAME -> engine = in.string();
        case SVC_ATTR_STATS -> {
          if (!stats64) {
            stats = readStats(in.nested(), false);
          }
        }
        case SVC_ATTR_STATS64 -> {
          stats = readStats(in.nested(), true);
          stats64 = true;
        }
        default -> {} // newer kernels tell more
      }
    }
    IpvsKey key =
        mark != 0
            ? new IpvsKey.Mark(family, mark)
            : new IpvsKey.Socket(IpvsProtocol.ofWire(protocol), address(family, address), port);
    IpvsNetmask mask =
        family == IpvsFamily.IPV4
            ? new IpvsNetmask(family, netmaskNetworkOrder)
            : new IpvsNetmask(family, Math.max(0, Math.min(128, netmask)));
    return new IpvsServiceEntry(
        new IpvsService(
            key,
            scheduler.isEmpty() ? "none" : scheduler,
            IpvsFlag.ofWire(flags),
            (flags & SVC_F_PERSISTENT) == 0 ? null : Duration.ofSeconds(timeout),
            mask,
            engine.isEmpty() ? null : engine),
        stats);
  }

  /**
   * Reads the attributes of a destination, nested in IPVS_CMD_ATTR_DEST.
   *
   * @param serviceFamily the destination's where an older kernel does not tell
   */
  static IpvsDestinationEntry readDestination(AttributeReader in, IpvsFamily serviceFamily) {
    IpvsFamily family = serviceFamily;
    byte[] address = new byte[16];
    int port = 0;
    int method = 0;
    int weight = 0;
    long upper = 0;
    long lower = 0;
    long active = 0;
    long inactive = 0;
    long persistent = 0;
    int tunnelType = 0;
    int tunnelPort = 0;
    int tunnelFlags = 0;
    IpvsStats stats = IpvsStats.NONE;
    boolean stats64 = false;
    while (in.next()) {
      switch (in.type()) {
        case DEST_ATTR_ADDR_FAMILY -> family = IpvsFamily.ofWire(in.u16());
        case DEST_ATTR_ADDR -> address = in.bytes(Math.min(16, in.length()));
        case DEST_ATTR_PORT -> port = in.u16NetworkOrder();
        case DEST_ATTR_FWD_METHOD -> method = in.i32();
        case DEST_ATTR_WEIGHT -> weight = in.i32();
        case DEST_ATTR_U_THRESH -> upper = in.u32();
        case DEST_ATTR_L_THRESH -> lower = in.u32();
        case DEST_ATTR_ACTIVE_CONNS -> active = in.u32();
        case DEST_ATTR_INACT_CONNS -> inactive = in.u32();
        case DEST_ATTR_PERSIST_CONNS -> persistent = in.u32();
        case DEST_ATTR_TUN_TYPE -> tunnelType = in.u8();
        case DEST_ATTR_TUN_PORT -> tunnelPort = in.u16NetworkOrder();
        case DEST_ATTR_TUN_FLAGS -> tunnelFlags = in.u16();
        case DEST_ATTR_STATS -> {
          if (!stats64) {
            stats = readStats(in.nested(), false);
          }
        }
        case DEST_ATTR_STATS64 -> {
          stats = readStats(in.nested(), true);
          stats64 = true;
        }
        default -> {} // newer kernels tell more
      }
    }
    return new IpvsDestinationEntry(
        new IpvsDestination(
            address(family, address),
            port,
            IpvsForwarder.ofWire(method),
            Math.max(0, weight),
            upper,
            lower,
            tunnel(tunnelType, tunnelPort, tunnelFlags)),
        active,
        inactive,
        persistent,
        stats);
  }

  private static IpvsTunnel tunnel(int type, int port, int flags) {
    return switch (IpvsTunnel.Type.ofWire(type)) {
      case IPIP -> IpvsTunnel.IPIP;
      case GRE -> IpvsTunnel.gre(IpvsTunnel.Checksum.ofWire(flags));
      case GUE ->
          port == 0
              ? new IpvsTunnel(IpvsTunnel.Type.OTHER, 0, IpvsTunnel.Checksum.NONE)
              : IpvsTunnel.gue(port, IpvsTunnel.Checksum.ofWire(flags));
      case OTHER -> new IpvsTunnel(IpvsTunnel.Type.OTHER, port, IpvsTunnel.Checksum.ofWire(flags));
    };
  }

  /** Addresses come as 16 bytes, of IPv4 in the first four; IPv4-mapped ones stay of IPv6. */
  private static InetAddress address(IpvsFamily family, byte[] wire) {
    byte[] bytes = new byte[family.addressBytes()];
    System.arraycopy(wire, 0, bytes, 0, Math.min(wire.length, bytes.length));
    return Addresses.of(bytes);
  }

  /** STATS64 has all values as u64; STATS has u32, except bytes. */
  private static IpvsStats readStats(AttributeReader in, boolean wide) {
    long[] values = new long[STATS_ATTR_OUTBPS + 1];
    while (in.next()) {
      int type = in.type();
      if (type >= STATS_ATTR_CONNS && type <= STATS_ATTR_OUTBPS) {
        boolean bytes = type == STATS_ATTR_INBYTES || type == STATS_ATTR_OUTBYTES;
        values[type] = wide || bytes ? in.u64() : in.u32();
      }
    }
    return new IpvsStats(
        values[STATS_ATTR_CONNS],
        values[STATS_ATTR_INPKTS],
        values[STATS_ATTR_OUTPKTS],
        values[STATS_ATTR_INBYTES],
        values[STATS_ATTR_OUTBYTES],
        values[STATS_ATTR_CPS],
        values[STATS_ATTR_INPPS],
        values[STATS_ATTR_OUTPPS],
        values[STATS_ATTR_INBPS],
        values[STATS_ATTR_OUTBPS]);
  }
}
