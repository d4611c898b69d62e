package io.portal.proxy.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one round of one proxy gave.
 *
 * @param rate requests per second
 * @param p50 milliseconds
 * @param p99 milliseconds
 * @param p999 milliseconds
 * @param cpu microseconds of processor time of the proxy for each request
 */
record Sample(double rate, double p50, double p99, double p999, double cpu) {

  /** The columns, in the order in which they are printed. */
  static final List<ToDoubleFunction<Sample>> COLUMNS =
      List.of(Sample::rate, Sample::p50, Sample::p99, Sample::p999, Sample::cpu);

  /** Of requests that took these times in microseconds, which are sorted here. */
  static Sample of(long[] micros, double seconds, double cpuSeconds) {
    if (micros.length == 0) {
      throw new IllegalStateException("not one request was answered");
    }
    Arrays.sort(micros);
    return new Sample(
        micros.length / seconds,
        millis(micros, 0.5),
        millis(micros, 0.99),
        millis(micros, 0.999),
        cpuSeconds * 1e6 / micros.length);
  }

  private static double millis(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))] / 1000.0;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
