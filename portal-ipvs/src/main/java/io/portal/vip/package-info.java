/**
 * Managed addresses: puts them on interfaces through rtnetlink and announces them to the
 * neighbours.
 */
@NullMarked
package io.portal.vip;

import org.jspecify.annotations.NullMarked;
