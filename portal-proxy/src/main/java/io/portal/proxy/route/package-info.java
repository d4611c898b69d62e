/** Which route a request takes, and the path it has towards a target. */
@NullMarked
package io.portal.proxy.route;

import org.jspecify.annotations.NullMarked;
