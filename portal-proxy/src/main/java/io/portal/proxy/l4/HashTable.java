package io.portal.proxy.l4;

import com.google.common.primitives.Ints;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code dh} and {@code sh}: 256 buckets dealt to the servers in turn, by weight for {@code sh}. As
 * in the kernel without its fallback flag, a connection whose server takes none is refused.
 */
final class HashTable implements Scheduling {

  /** {@code IP_VS_DH_TAB_BITS} and {@code IP_VS_SH_TAB_BITS}. */
  private static final int BITS = 8;

  /** {@code GOLDEN_RATIO_32} in {@code linux/hash.h}. */
  private static final int GOLDEN_RATIO = 0x61C88647;

  private final Function<Flow, InetAddress> key;
  private final boolean weighted;
  private final @Nullable Backend[] buckets = new @Nullable Backend[1 << BITS];

  private HashTable(Function<Flow, InetAddress> key, boolean weighted) {
    this.key = key;
    this.weighted = weighted;
  }

  /** By the address that the client connects to; for one service always the same server. */
  static HashTable dh() {
    return new HashTable(Flow::destination, false);
  }

  /** By the client's address. */
  static HashTable sh() {
    return new HashTable(Flow::client, true);
  }

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    int hash = fold(key.apply(flow)) * GOLDEN_RATIO >>> 32 - BITS;
    Backend backend = buckets[hash];
    return backend != null && flow.admits(backend) ? backend : null;
  }

  @Override
  public void changed(List<Backend> servers) {
    int next = 0;
    int dealt = 0;
    for (int i = 0; i < buckets.length; i++) {
      if (servers.isEmpty()) {
        buckets[i] = null;
        continue;
      }
      Backend backend = servers.get(next);
      buckets[i] = backend;
      if (!weighted || ++dealt >= backend.weight()) {
        next = (next + 1) % servers.size();
        dealt = 0;
      }
    }
  }

  /** The address as one number, the words of an IPv6 address exclusive-ored. */
  static int fold(InetAddress address) {
    byte[] bytes = address.getAddress();
    int folded = 0;
    for (int i = 0; i < bytes.length; i += Integer.BYTES) {
      folded ^= Ints.fromBytes(bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]);
    }
    return folded;
  }
}
