/** What the stores share; no promise to anybody else. */
@NullMarked
package io.portal.store.internal;

import org.jspecify.annotations.NullMarked;
