/** The desired state in PostgreSQL. A database that several daemons share makes them a cluster. */
@NullMarked
package io.portal.store.postgres;

import org.jspecify.annotations.NullMarked;
