/** Shared by the module's packages; no promise to users. */
@NullMarked
package io.portal.proxy.internal;

import org.jspecify.annotations.NullMarked;
