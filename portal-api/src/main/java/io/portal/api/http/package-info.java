/** The REST daemon's HTTP side: a small server on Netty, and the table of paths. */
@NullMarked
package io.portal.api.http;

import org.jspecify.annotations.NullMarked;
