package io.portal.proxy.l4;

import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@code twos}: two servers drawn by weight, of them the one with less load for its weight. */
final class TwoChoices implements Scheduling {

  private final LongUnaryOperator random;

  /**
   * @param random a number from 0 up to, not including, its argument
   */
  TwoChoices(LongUnaryOperator random) {
    this.random = random;
  }

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    long sum = 0;
    for (Backend backend : servers) {
      if (flow.admits(backend)) {
        sum += backend.weight();
      }
    }
    if (sum == 0) {
      return null;
    }
    Backend first = draw(servers, flow, random.applyAsLong(sum));
    Backend second = draw(servers, flow, random.applyAsLong(sum));
    return second.overhead() * first.weight() < first.overhead() * second.weight() ? second : first;
  }

  private static Backend draw(List<Backend> servers, Flow flow, long number) {
    long left = number;
    for (Backend backend : servers) {
      if (flow.admits(backend)) {
        left -= backend.weight();
        if (left < 0) {
          return backend;
        }
      }
    }
    throw new IllegalStateException("drew " + number + ", more than the sum of the weights");
  }
}
