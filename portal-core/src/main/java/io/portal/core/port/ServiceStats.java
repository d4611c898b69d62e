package io.portal.core.port;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServiceId;

/**
 * Counters of one service.
 *
 * @param id the service
 * @param traffic of all its servers together
 * @param servers by server
 */
public record ServiceStats(
    ServiceId id, TrafficStats traffic, ImmutableMap<ServerId, ServerStats> servers) {}
