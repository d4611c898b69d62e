/** The REST daemon: its resources and how it is put together. */
@NullMarked
package io.portal.api;

import org.jspecify.annotations.NullMarked;
