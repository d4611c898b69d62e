/** Generic netlink: families of messages that are known by name, on top of netlink. */
@NullMarked
package io.portal.netlink.generic;

import org.jspecify.annotations.NullMarked;
