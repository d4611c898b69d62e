package io.portal.ipvs;

/**
 * The kernel's IPVS.
 *
 * @param version as in {@code 1.2.1}
 * @param connectionTableSize hash buckets of the connection table
 */
public record IpvsInfo(String version, long connectionTableSize) {}
