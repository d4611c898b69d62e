package io.portal.proxy.tls;

import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Set;

/**
 * Which kinds of keys a client's ClientHello says that it can check (RFC 8446 4.2.3, RFC 8422 2).
 * Immutable.
 *
 * @param modern whether TLS 1.3 is offered, where cipher suites say nothing about keys
 * @param suites the cipher suites
 * @param schemes the signature schemes; empty if the client does not say
 */
record ClientOffer(boolean modern, Set<Integer> suites, Set<Integer> schemes) {

  /** Of a client of which nothing is known: it can check all. */
  static final ClientOffer ANY = new ClientOffer(true, Set.of(), Set.of());

  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int TLS13 = 0x0304;

  /** Of a ClientHello, from its version on; what cannot be read says nothing. */
  static ClientOffer of(ByteBuf hello) {
    try {
      return read(hello.duplicate());
    } catch (IndexOutOfBoundsException e) {
      // The handshake itself will refuse it.
      return ANY;
    }
  }

  private static ClientOffer read(ByteBuf in) {
    in.skipBytes(34);
    in.skipBytes(in.readUnsignedByte());
    Set<Integer> suites = numbers(in.readSlice(in.readUnsignedShort()));
    in.skipBytes(in.readUnsignedByte());
    Set<Integer> schemes = Set.of();
    boolean modern = false;
    if (in.isReadable()) {
      ByteBuf extensions = in.readSlice(in.readUnsignedShort());
      while (extensions.isReadable()) {
        int type = extensions.readUnsignedShort();
        ByteBuf data = extensions.readSlice(extensions.readUnsignedShort());
        if (type == SIGNATURE_ALGORITHMS) {
          schemes = numbers(data.readSlice(data.readUnsignedShort()));
        } else if (type == SUPPORTED_VERSIONS) {
          modern = numbers(data.readSlice(data.readUnsignedByte())).contains(TLS13);
        }
      }
    }
    return new ClientOffer(modern, suites, schemes);
  }

  private static Set<Integer> numbers(ByteBuf in) {
    Set<Integer> numbers = new HashSet<>();
    while (in.isReadable()) {
      numbers.add(in.readUnsignedShort());
    }
    return numbers;
  }

  /** Whether the client can check what a key of this kind signs. */
  boolean accepts(KeyKind kind) {
    boolean signs = schemes.isEmpty() || kind.schemes().stream().anyMatch(schemes::contains);
    boolean suits = modern || kind.suites().stream().anyMatch(suites::contains);
    return signs && suits;
  }
}
