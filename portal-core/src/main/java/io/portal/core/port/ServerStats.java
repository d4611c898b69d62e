package io.portal.core.port;

/**
 * Counters of one server.
 *
 * @param activeConnections established connections
 * @param inactiveConnections connections in other states
 * @param persistentConnections clients that stick to it
 * @param traffic packets and bytes
 */
public record ServerStats(
    long activeConnections,
    long inactiveConnections,
    long persistentConnections,
    TrafficStats traffic) {}
