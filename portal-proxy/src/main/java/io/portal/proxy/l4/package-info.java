/**
 * The userspace balancer: TCP and UDP relayed in this process, with the kernel's schedulers,
 * weights, thresholds and persistence, for hosts where IPVS cannot be had.
 */
@NullMarked
package io.portal.proxy.l4;

import org.jspecify.annotations.NullMarked;
