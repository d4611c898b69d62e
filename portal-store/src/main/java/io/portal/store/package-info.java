/** Where the desired state is kept: files, PostgreSQL, or a cluster through Redis. */
@NullMarked
package io.portal.store;

import org.jspecify.annotations.NullMarked;
