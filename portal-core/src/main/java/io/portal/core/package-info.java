/** The {@link io.portal.core.Portal} facade, and the errors it answers with. */
@NullMarked
package io.portal.core;

import org.jspecify.annotations.NullMarked;
