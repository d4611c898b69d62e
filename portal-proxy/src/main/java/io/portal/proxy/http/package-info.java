/**
 * The HTTP and TLS reverse proxy. A request stays on one event loop, client side and upstream side;
 * nothing is aggregated, nothing blocks.
 */
@NullMarked
package io.portal.proxy.http;

import org.jspecify.annotations.NullMarked;
