/**
 * What portal balances: services, servers, routes, certs and vips, as immutable validated values.
 */
@NullMarked
package io.portal.core.model;

import org.jspecify.annotations.NullMarked;
