package io.portal.netlink;

import static io.portal.netlink.FakeTransport.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Attributes as bytes, both ways, on a little-endian machine. */
class AttributesTest {

  private static byte[] written(Consumer<AttributeWriter> body) throws NetlinkException {
    AttributeWriter writer = new AttributeWriter(1);
    int start = writer.beginMessage(0, 0, 0);
    body.accept(writer);
    writer.endMessage("write", start);
    ByteBuffer all = writer.written(writer.position()).position(16);
    byte[] bytes = new byte[all.remaining()];
    all.get(bytes);
    return bytes;
  }

  private static AttributeReader reader(String bytes) {
    byte[] all = hex(bytes);
    return new AttributeReader(
        ByteBuffer.wrap(all).order(ByteOrder.nativeOrder()), 0, all.length, null);
  }

  @Test
  void writesEveryKind() throws Exception {
    assertThat(
            written(
                out -> {
                  out.headerU8(1);
                  out.headerU8(2);
                  out.headerU16(0x0403);
                  out.headerU32(0x08070605);
                  out.u8(1, 255);
                  out.u16(2, 0x1234);
                  out.u16NetworkOrder(3, 0x1234);
                  out.u32(4, 0xfedcba98L);
                  out.u32NetworkOrder(5, 0x01020304);
                  out.u32Pair(6, 1, -1);
                  out.string(7, "lo");
                  int nest = out.nest(8);
                  out.bytes(9, hex("0a000001"));
                  out.end(nest);
                }))
        .isEqualTo(
            hex(
                """
                01 02 0304 05060708
                0500 0100 ff000000
                0600 0200 34120000
                0600 0300 12340000
                0800 0400 98badcfe
                0800 0500 01020304
                0c00 0600 01000000 ffffffff
                0700 0700 6c6f0000
                0c00 0880 0800 0900 0a000001
                """));
  }

  @Test
  void remembersTheFirstValueThatDoesNotFit() throws Exception {
    assertThatThrownBy(
            () ->
                written(
                    out -> {
                      out.u16(1, 65536);
                      out.u8(2, -1);
                    }))
        .hasMessage("write: value 65536 is not of 0 to 65535");
    assertThatThrownBy(() -> written(out -> out.u32(1, 1L << 32)))
        .hasMessage("write: attribute value 4294967296 is not of 0 to 4294967295");
    assertThatThrownBy(() -> written(out -> out.string(1, "a\0b")))
        .hasMessage("write: text 'a\\0b' holds a NUL");
    assertThatThrownBy(
            () ->
                written(
                    out -> {
                      int nest = out.nest(1);
                      out.bytes(2, new byte[40000]);
                      out.bytes(3, new byte[40000]);
                      out.end(nest);
                    }))
        .hasMessageContaining("longer than 65535");
  }

  @Test
  void readsEveryKind() throws Exception {
    AttributeReader in =
        reader(
            """
            01 02 0304 05060708
            0500 0100 ff000000
            0600 0200 34120000
            0600 0340 12340000
            0800 0400 98badcfe
            0800 0500 01020304
            0c00 0600 ffffffff ffffffff
            0700 0700 6c6f0000
            0c00 0880 0800 0900 0a000001
            """);
    assertThat(in.headerU8()).isEqualTo(1);
    assertThat(in.headerU8()).isEqualTo(2);
    assertThat(in.headerU16()).isEqualTo(0x0403);
    assertThat(in.headerU32()).isEqualTo(0x08070605);
    assertThat(in.next()).isTrue();
    assertThat(in.u8()).isEqualTo(255);
    assertThat(in.next()).isTrue();
    assertThat(in.u16()).isEqualTo(0x1234);
    assertThat(in.next()).isTrue();
    assertThat(in.type()).as("without NLA_F_NET_BYTEORDER").isEqualTo(3);
    assertThat(in.u16NetworkOrder()).isEqualTo(0x1234);
    assertThat(in.next()).isTrue();
    assertThat(in.u32()).isEqualTo(0xfedcba98L);
    assertThat(in.next()).isTrue();
    assertThat(in.i32NetworkOrder()).isEqualTo(0x01020304);
    assertThat(in.next()).isTrue();
    assertThat(in.u64()).isEqualTo(-1);
    assertThat(in.next()).isTrue();
    assertThat(in.string()).isEqualTo("lo");
    assertThat(in.next()).isTrue();
    assertThat(in.type()).as("without NLA_F_NESTED").isEqualTo(8);
    AttributeReader nested = in.nested();
    assertThat(nested.next()).isTrue();
    assertThat(nested.bytes(4)).isEqualTo(hex("0a000001"));
    assertThat(nested.next()).isFalse();
    assertThat(in.next()).isFalse();
    in.check("read");
  }

  @Test
  void tellsOnceWhatIsTooShortAlsoInsideOthers() {
    AttributeReader in = reader("0c00 0880 0600 0900 0a000000 0600 0100 01000000");
    assertThat(in.next()).isTrue();
    AttributeReader nested = in.nested();
    assertThat(nested.next()).isTrue();
    assertThat(nested.u32()).isZero();
    assertThat(in.next()).isTrue();
    assertThat(in.u64()).isZero();
    assertThatThrownBy(() -> in.check("read"))
        .hasMessage("read: attribute 9 of 2 bytes where 4 are due");
    assertThatThrownBy(() -> nested.check("read")).hasMessageContaining("attribute 9");
  }

  @Test
  void stopsAtDamagedLengths() {
    for (String damaged : new String[] {"0300 0100", "0000 0000", "ffff 0100 00000000"}) {
      AttributeReader in = reader(damaged);
      assertThat(in.next()).as(damaged).isFalse();
      assertThat(in.next()).as(damaged).isFalse();
      assertThatThrownBy(() -> in.check("read")).hasMessageStartingWith("read: attribute of");
    }
  }

  @Test
  void toleratesMissingPaddingAtTheEnd() throws Exception {
    AttributeReader in = reader("0500 0100 07");
    assertThat(in.next()).isTrue();
    assertThat(in.u8()).isEqualTo(7);
    assertThat(in.next()).isFalse();
    in.check("read");
  }

  @Test
  void namesErrnos() {
    assertThat(new Errno(1)).hasToString("EPERM");
    assertThat(new Errno(17)).isEqualTo(Errno.EEXIST).hasToString("EEXIST");
    assertThat(new Errno(41)).hasToString("errno 41");
    assertThat(new Errno(95)).hasToString("EOPNOTSUPP");
    assertThat(new Errno(105)).hasToString("ENOBUFS");
    assertThat(new Errno(133)).hasToString("EHWPOISON");
    assertThat(new Errno(512)).hasToString("errno 512");
  }
}
