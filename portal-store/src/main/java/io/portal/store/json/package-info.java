/**
 * Portal's models as JSON, in the field order and with the names of the REST API. Read and written
 * element by element, so that a list of any length takes the memory of one element.
 */
@NullMarked
package io.portal.store.json;

import org.jspecify.annotations.NullMarked;
