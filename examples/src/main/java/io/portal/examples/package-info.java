/** Small programs that embed parts of portal. */
@NullMarked
package io.portal.examples;

import org.jspecify.annotations.NullMarked;
