/**
 * The {@code portal} command: a small client of the REST API, the daemon's starter and the tools
 * around them.
 *
 * <p>A client command lives for a seventh of a second, so this package is built to start fast:
 * flags are a table read by {@link io.portal.cli.ArgumentParser} (no annotations, no reflection),
 * JSON is streamed, and what only the daemon needs is loaded by the daemon only.
 */
@NullMarked
package io.portal.cli;

import org.jspecify.annotations.NullMarked;
