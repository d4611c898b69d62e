/**
 * A cluster of portals through Redis: one desired state with a revision, acknowledged by all live
 * members, and vips that have one owner each.
 */
@NullMarked
package io.portal.store.redis;

import org.jspecify.annotations.NullMarked;
