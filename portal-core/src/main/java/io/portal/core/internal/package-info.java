/**
 * The reconciler: makes the world equal to the desired state with the smallest list of changes. No
 * promise to users; {@link io.portal.core.Portal} is.
 */
@NullMarked
package io.portal.core.internal;

import org.jspecify.annotations.NullMarked;
