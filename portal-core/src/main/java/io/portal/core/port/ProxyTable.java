package io.portal.core.port;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.Route;
import java.util.Collection;

/**
 * All that a proxy serves. Immutable; the collections have each route and each cert once.
 *
 * @param routes the routes
 * @param certs the certs
 * @param pages the proxy's own pages
 */
public record ProxyTable(Collection<Route> routes, Collection<Cert> certs, ErrorPages pages) {}
