/** The desired state as one immutable snapshot, and changes to it. */
@NullMarked
package io.portal.core.state;

import org.jspecify.annotations.NullMarked;
