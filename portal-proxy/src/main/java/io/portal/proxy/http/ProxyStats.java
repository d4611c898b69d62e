package io.portal.proxy.http;

import java.util.List;

/**
 * What a proxy has done since it started.
 *
 * @param requests answered, whoever answered
 * @param upstreamErrors answers of 502 and 504 because of a target
 * @param refused requests refused with 400
 * @param connections open towards clients
 * @param latencyBounds upper bounds of the histogram's buckets, milliseconds
 * @param latencyCounts requests in each bucket; one more than bounds, the last for all above
 * @param latencyNanos sum of all latencies
 * @param unhealthy targets that are not asked, by URI
 */
public record ProxyStats(
    long requests,
    long upstreamErrors,
    long refused,
    long connections,
    List<Double> latencyBounds,
    List<Long> latencyCounts,
    long latencyNanos,
    List<String> unhealthy) {}
