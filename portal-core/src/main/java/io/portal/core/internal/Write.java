package io.portal.core.internal;

import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A change that somebody waits for.
 *
 * @param edit makes the change for the state of the moment; may be asked more than once, and throws
 *     a {@link io.portal.core.PortalException} to refuse
 * @param result the state after the change
 */
record Write(Function<DesiredState, StateChange> edit, CompletableFuture<DesiredState> result) {}
