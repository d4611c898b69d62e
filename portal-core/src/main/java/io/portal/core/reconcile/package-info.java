/** Makes the world equal to the desired state, with the smallest list of changes. */
@NullMarked
package io.portal.core.reconcile;

import org.jspecify.annotations.NullMarked;
