/** The daemon's configuration: flags over environment over file over defaults. */
@NullMarked
package io.portal.api.config;

import org.jspecify.annotations.NullMarked;
