/** Interfaces and addresses of the kernel, over rtnetlink. */
@NullMarked
package io.portal.netlink.route;

import org.jspecify.annotations.NullMarked;
