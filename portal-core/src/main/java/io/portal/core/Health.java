package io.portal.core;

import com.google.common.collect.ImmutableSortedMap;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the reconciler is doing. Counts since the start of this process.
 *
 * @param ready whether the store is loaded and the first pass is done
 * @param revision the revision of the desired state that is served
 * @param lastPass when the last full pass ended; null before the first
 * @param passes full passes done
 * @param changes changes made to the balancer and to addresses, for whatever reason
 * @param driftRepaired changes that undid what somebody else did
 * @param failedChanges changes that were refused
 * @param writes changes of the desired state that were answered with success
 * @param refusedWrites changes of the desired state that were refused and undone
 * @param unmanaged services that were there before portal and are left alone
 * @param failing what is not as desired now, with the reason, by subject
 */
public record Health(
    boolean ready,
    long revision,
    @Nullable Instant lastPass,
    long passes,
    long changes,
    long driftRepaired,
    long failedChanges,
    long writes,
    long refusedWrites,
    int unmanaged,
    ImmutableSortedMap<String, String> failing) {}
