package io.portal.proxy.bench;

import java.time.Duration;

/** A way to use a proxy. */
interface Load {

  /**
   * How long each request took, in microseconds. Blocks for the given time; refuses by exception
   * when an answer was none that was wanted.
   */
  long[] run(Contender proxy, Duration time) throws Exception;
}
