/** Lets the services' packets through nftables. */
@NullMarked
package io.portal.api.firewall;

import org.jspecify.annotations.NullMarked;
