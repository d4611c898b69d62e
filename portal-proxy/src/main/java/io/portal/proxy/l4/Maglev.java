package io.portal.proxy.l4;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import com.google.common.math.IntMath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code mh}: Maglev's consistent hashing of the client's address, weighted (Eisenbud and others,
 * "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4). A change
 * of one server moves few other clients. As in the kernel without its fallback flag, a connection
 * whose server takes none is refused.
 */
final class Maglev implements Scheduling {

  /** The kernel's default table, {@code CONFIG_IP_VS_MH_TAB_INDEX=12}: the prime below 2^12. */
  static final int SIZE = 4093;

  private static final HashFunction FIRST = Hashing.sipHash24(2654435761L, 2654435761L);
  private static final HashFunction SECOND = Hashing.sipHash24(2654446892L, 2654446892L);

  private @Nullable Backend[] table = new @Nullable Backend[0];

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    if (table.length == 0) {
      return null;
    }
    Backend backend = table[slot(FIRST, HashTable.fold(flow.client()), SIZE)];
    return backend != null && flow.admits(backend) ? backend : null;
  }

  @Override
  public void changed(List<Backend> servers) {
    int divisor = 0;
    for (Backend backend : servers) {
      divisor = IntMath.gcd(divisor, backend.lastWeight());
    }
    // Without any weight there is nobody to fill the table with.
    table = divisor == 0 ? new @Nullable Backend[0] : fill(servers, divisor);
  }

  private static @Nullable Backend[] fill(List<Backend> servers, int divisor) {
    int[] next = new int[servers.size()];
    int[] skip = new int[servers.size()];
    for (int i = 0; i < next.length; i++) {
      Backend backend = servers.get(i);
      int key = HashTable.fold(backend.id().host()) + backend.id().port();
      next[i] = slot(FIRST, key, SIZE);
      skip[i] = slot(SECOND, key, SIZE - 1) + 1;
    }
    @Nullable Backend[] filled = new @Nullable Backend[SIZE];
    int count = 0;
    while (true) {
      for (int i = 0; i < next.length; i++) {
        Backend backend = servers.get(i);
        for (int turn = backend.lastWeight() / divisor; turn > 0; turn--) {
          while (filled[next[i]] != null) {
            next[i] = (next[i] + skip[i]) % SIZE;
          }
          filled[next[i]] = backend;
          if (++count == SIZE) {
            return filled;
          }
        }
      }
    }
  }

  private static int slot(HashFunction hash, int key, int size) {
    return (int) Long.remainderUnsigned(hash.hashInt(key).asLong(), size);
  }
}
