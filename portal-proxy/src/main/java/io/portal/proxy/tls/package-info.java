/** Certificates and keys as PEM, and certificates of portal's own making. */
@NullMarked
package io.portal.proxy.tls;

import org.jspecify.annotations.NullMarked;
