package io.portal.vip;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.netlink.route.MacAddress;
import java.net.InetAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class AnnouncementTest {

  private static final MacAddress OWNER =
      MacAddress.of(new byte[] {2, 0, 0, (byte) 0xaa, (byte) 0xbb, (byte) 0xcc});

  private static byte[] hex(String... parts) {
    return HexFormat.of().parseHex(String.join("", parts).replace(" ", ""));
  }

  @Test
  void ipv4IsAnnouncedByArpAsRequestAndAsReply() throws Exception {
    InetAddress address = InetAddress.getByName("10.0.0.9");
    assertThat(Announcement.frames(address, OWNER))
        .containsExactly(
            hex(
                "ffffffffffff 020000aabbcc 0806",
                "0001 0800 06 04 0001",
                "020000aabbcc 0a000009 000000000000 0a000009"),
            hex(
                "ffffffffffff 020000aabbcc 0806",
                "0001 0800 06 04 0002",
                "020000aabbcc 0a000009 ffffffffffff 0a000009"));
  }

  @Test
  void ipv6IsAnnouncedByAnUnsolicitedAdvertisement() throws Exception {
    InetAddress address = InetAddress.getByName("2001:db8::9");
    assertThat(Announcement.frames(address, OWNER))
        .containsExactly(
            hex(
                "333300000001 020000aabbcc 86dd",
                "60000000 0020 3a ff",
                "20010db8000000000000000000000009 ff020000000000000000000000000001",
                "88 00 " + checksum() + " 20000000",
                "20010db8000000000000000000000009",
                "02 01 020000aabbcc"));
  }

  /** The same sum, written down word by word. */
  private static String checksum() {
    int sum =
        0x2001
            + 0x0db8
            + 0x0009 // source
            + 0xff02
            + 0x0001 // destination
            + 0x0020
            + 0x003a // length, next header
            + 0x8800
            + 0x2000 // type and code, flags
            + 0x2001
            + 0x0db8
            + 0x0009 // target
            + 0x0201
            + 0x0200
            + 0x00aa
            + 0xbbcc; // option
    int folded = (sum & 0xffff) + (sum >>> 16);
    return String.format("%04x", ~folded & 0xffff);
  }

  @Test
  void macAddressesKeepTheirBytes() {
    assertThat(OWNER).hasToString("02:00:00:aa:bb:cc");
    assertThat(MacAddress.of(OWNER.bytes())).isEqualTo(OWNER);
  }
}
