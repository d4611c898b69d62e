package io.portal.store.redis;

import java.util.List;

/**
 * A live member of the cluster.
 *
 * @param name what it is called
 * @param revision the last revision it has tried to apply
 * @param failure why it could not apply that revision; empty if it could
 * @param vips the vips it has, as {@code address/prefix on interface}
 */
public record ClusterMember(String name, long revision, String failure, List<String> vips) {

  public ClusterMember {
    vips = List.copyOf(vips);
  }
}
