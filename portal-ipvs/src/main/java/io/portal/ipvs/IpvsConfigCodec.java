package io.portal.ipvs;

import static io.portal.ipvs.IpvsConstants.*;

import io.portal.netlink.AttributeReader;
import io.portal.netlink.AttributeWriter;
import java.time.Duration;

/** Attributes of IPVS as a whole: its version and its timeouts. */
final class IpvsConfigCodec {

  private IpvsConfigCodec() {}

  /** Reads the attributes of IPVS_CMD_SET_INFO. */
  static IpvsInfo readInfo(AttributeReader in) {
    String version = "";
    long size = 0;
    while (in.next()) {
      switch (in.type()) {
        case INFO_ATTR_VERSION -> {
          long number = in.u32();
          version = (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
        }
        case INFO_ATTR_CONN_TAB_SIZE -> size = in.u32();
        default -> {} // newer kernels tell more
      }
    }
    return new IpvsInfo(version, size);
  }

  /** Reads the attributes of IPVS_CMD_SET_CONFIG; what is absent is zero. */
  static IpvsTimeouts readTimeouts(AttributeReader in) {
    Duration tcp = Duration.ZERO;
    Duration tcpFin = Duration.ZERO;
    Duration udp = Duration.ZERO;
    while (in.next()) {
      switch (in.type()) {
        case CMD_ATTR_TIMEOUT_TCP -> tcp = Duration.ofSeconds(in.u32());
        case CMD_ATTR_TIMEOUT_TCP_FIN -> tcpFin = Duration.ofSeconds(in.u32());
        case CMD_ATTR_TIMEOUT_UDP -> udp = Duration.ofSeconds(in.u32());
        default -> {} // newer kernels tell more
      }
    }
    return new IpvsTimeouts(tcp, tcpFin, udp);
  }

  /** Writes the attributes of IPVS_CMD_SET_CONFIG. */
  static void writeTimeouts(AttributeWriter out, IpvsTimeouts timeouts) {
    out.u32(CMD_ATTR_TIMEOUT_TCP, timeouts.tcp().toSeconds());
    out.u32(CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcpFin().toSeconds());
    out.u32(CMD_ATTR_TIMEOUT_UDP, timeouts.udp().toSeconds());
  }
}
