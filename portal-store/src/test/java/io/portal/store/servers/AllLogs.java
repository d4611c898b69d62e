package io.portal.store.servers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** Everything that anybody in this process logs from INFO on, exceptions included, as text. */
public final class AllLogs extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root;
  private final Level before;

  private AllLogs(Logger root) {
    this.root = root;
    this.before = root.getLevel();
  }

  /** Starts to collect. */
  public static AllLogs collect() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    AllLogs logs = new AllLogs(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
    logs.setContext(context);
    logs.start();
    logs.root.setLevel(Level.INFO);
    logs.root.addAppender(logs);
    return logs;
  }

  @Override
  protected void append(ILoggingEvent event) {
    IThrowableProxy thrown = event.getThrowableProxy();
    lines.add(
        event.getLevel()
            + " "
            + event.getFormattedMessage()
            + (thrown == null ? "" : "\n" + ThrowableProxyUtil.asString(thrown)));
  }

  /** All that was collected so far. */
  public String text() {
    return lines.stream().collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    root.detachAppender(this);
    root.setLevel(before);
    stop();
  }
}
