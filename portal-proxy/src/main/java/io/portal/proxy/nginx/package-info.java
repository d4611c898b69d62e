/**
 * The nginx balancer: services written as a configuration of nginx's stream module, for hosts where
 * IPVS cannot be had and nginx is trusted.
 */
@NullMarked
package io.portal.proxy.nginx;

import org.jspecify.annotations.NullMarked;
