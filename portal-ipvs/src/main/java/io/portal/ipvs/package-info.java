/** Linux IPVS, the kernel's layer 4 load balancer, over generic netlink. */
@NullMarked
package io.portal.ipvs;

import org.jspecify.annotations.NullMarked;
