package io.portal.core.model;

import com.google.common.net.InetAddresses;
import io.portal.core.InvalidException;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Texts and order of IP addresses; never asks a name server. */
public final class Addresses {

  private Addresses() {}

  /**
   * The address that an IPv4 or IPv6 literal stands for. An IPv4-mapped IPv6 literal ({@code
   * ::ffff:10.0.0.1}) stays one of IPv6, as for the kernel.
   *
   * @param field how the value is called in the error
   * @param literal an IPv6 address may be in brackets
   * @throws InvalidException if it is no literal (host names are not looked up) or has a scope
   */
  public static InetAddress parse(String field, String literal) {
    String bare = withoutBrackets(literal);
    if (!bare.contains("%") && InetAddresses.isInetAddress(bare)) {
      return ofLiteral(bare);
    }
    throw InvalidException.field(field, literal, "an IPv4 or IPv6 address");
  }

  /** The address of a literal that is known to be one. */
  static InetAddress ofLiteral(String literal) {
    InetAddress address = InetAddresses.forString(literal);
    if (literal.indexOf(':') < 0 || address instanceof Inet6Address) {
      return address;
    }
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(address.getAddress(), 0, mapped, 12, 4);
    return of(mapped);
  }

  /** The address of 4 bytes for IPv4 or 16 for IPv6, which stays of IPv6 if it is IPv4-mapped. */
  public static InetAddress of(byte[] bytes) {
    try {
      return bytes.length == 16
          ? Inet6Address.getByAddress(null, bytes, -1)
          : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
    }
  }

  /**
   * An IPv6 address out of the brackets that URLs and sockets need (RFC 3986 3.2.2), {@code [::1]};
   * any other text as it is.
   */
  static String withoutBrackets(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.contains(":");
    return bracketed ? text.substring(1, text.length() - 1) : text;
  }

  /** The canonical text: dotted for IPv4, RFC 5952 for IPv6. */
  public static String text(InetAddress address) {
    return InetAddresses.toAddrString(address);
  }

  /** The address as it stands in an id: an IPv4 address's dots become underscores. */
  public static String idText(InetAddress address) {
    return address instanceof Inet4Address ? text(address).replace('.', '_') : text(address);
  }

  /** Address and port as one text: {@code 10.0.0.1:80}, {@code [2001:db8::1]:80}. */
  public static String socketText(InetAddress address, int port) {
    return address instanceof Inet4Address
        ? text(address) + ":" + port
        : "[" + text(address) + "]:" + port;
  }

  /** Order by family, then by the address as an unsigned number. */
  public static int compare(InetAddress a, InetAddress b) {
    byte[] left = a.getAddress();
    byte[] right = b.getAddress();
    return left.length != right.length
        ? Integer.compare(left.length, right.length)
        : Arrays.compareUnsigned(left, right);
  }

  /** Whether an address is in the network of that address and prefix length. */
  public static boolean contains(InetAddress network, int prefixLength, InetAddress address) {
    if (bits(network) != bits(address)) {
      return false;
    }
    int shift = bits(network) - prefixLength;
    return new BigInteger(1, network.getAddress())
        .shiftRight(shift)
        .equals(new BigInteger(1, address.getAddress()).shiftRight(shift));
  }

  /** Bits of an address of that family: 32 or 128. */
  public static int bits(InetAddress address) {
    return address instanceof Inet4Address ? 32 : 128;
  }
}
