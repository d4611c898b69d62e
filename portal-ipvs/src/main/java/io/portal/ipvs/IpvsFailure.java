package io.portal.ipvs;

import io.portal.netlink.Errno;

/**
 * A change that the kernel refused.
 *
 * @param index place of the change in the list that was given, from 0
 * @param change the change
 * @param errno the kernel's error
 * @param kernelMessage the kernel's own words, empty if it gave none
 */
public record IpvsFailure(int index, IpvsChange change, Errno errno, String kernelMessage) {}
