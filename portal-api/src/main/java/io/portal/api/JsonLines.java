package io.portal.api;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;

/**
 * A line of JSON for each event, whose {@code message} is the text as a person reads it. Logback's
 * own encoder writes the template there and the arguments beside it, or the text under another
 * name.
 */
final class JsonLines extends JsonEncoder {

  JsonLines() {
    setWithArguments(false);
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    LoggingEvent formatted = new LoggingEvent();
    formatted.setMessage(event.getFormattedMessage());
    formatted.setInstant(event.getInstant());
    formatted.setSequenceNumber(event.getSequenceNumber());
    formatted.setLevel(event.getLevel());
    formatted.setThreadName(event.getThreadName());
    formatted.setLoggerName(event.getLoggerName());
    formatted.setLoggerContextRemoteView(event.getLoggerContextVO());
    formatted.setMDCPropertyMap(event.getMDCPropertyMap());
    if (event.getMarkerList() != null) {
      event.getMarkerList().forEach(formatted::addMarker);
    }
    if (event.getKeyValuePairs() != null) {
      event.getKeyValuePairs().forEach(formatted::addKeyValuePair);
    }
    if (event.getThrowableProxy() instanceof ThrowableProxy thrown) {
      formatted.setThrowableProxy(thrown);
    }
    return super.encode(formatted);
  }
}
