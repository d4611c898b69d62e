/**
 * Linux netlink sockets: byte transport, message codec, batched requests and dumps. Knows no
 * protocol family; generic netlink and rtnetlink are built on it.
 */
@NullMarked
package io.portal.netlink;

import org.jspecify.annotations.NullMarked;
