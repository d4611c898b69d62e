/** The ports: what a store, a balancer, a proxy and a vip manager must do. */
@NullMarked
package io.portal.core.port;

import org.jspecify.annotations.NullMarked;
