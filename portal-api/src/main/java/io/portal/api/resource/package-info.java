/** What the API's paths do, one class for each kind of thing. */
@NullMarked
package io.portal.api.resource;

import org.jspecify.annotations.NullMarked;
