package io.portal.ipvs;

/**
 * A destination as the kernel has it.
 *
 * @param destination identity and settings
 * @param activeConnections established connections
 * @param inactiveConnections connections in other states
 * @param persistentConnections clients that stick to it
 * @param stats what it counted
 */
public record IpvsDestinationEntry(
    IpvsDestination destination,
    long activeConnections,
    long inactiveConnections,
    long persistentConnections,
    IpvsStats stats) {}
