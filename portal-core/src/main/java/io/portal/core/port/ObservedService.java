package io.portal.core.port;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import java.util.Optional;

/**
 * A service as a balancer really has it. Settings are empty where what is there has traits that
 * portal never asks for (one-packet scheduling, an unknown scheduler): whatever is desired then
 * differs.
 *
 * @param id type, address and port
 * @param settings what is there, the netmask always explicit
 * @param servers what is there, by id
 */
public record ObservedService(
    ServiceId id,
    Optional<ServiceSettings> settings,
    ImmutableMap<ServerId, Optional<ServerSettings>> servers) {}
