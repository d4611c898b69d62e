/**
 * The desired state as a directory of JSON files, one for each service, route, cert and vip, in the
 * layout of the Go portal. Commits are atomic and durable through a journal.
 */
@NullMarked
package io.portal.store.file;

import org.jspecify.annotations.NullMarked;
