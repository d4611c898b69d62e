package io.portal.api;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.util.FileSize;
import io.portal.api.config.Config;
import io.portal.api.config.Setting;
import org.slf4j.LoggerFactory;

/** Sets up the log as the settings say, without configuration files: that starts fastest. */
final class Logging {

  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg%n";

  /** The logger above all of portal's; what libraries log is shown from WARN on in any case. */
  private static final String LOGGER = "io.portal";

  /** The highest level of the Go portal; here errors are the highest. */
  private static final String FATAL = "FATAL";

  private Logging() {}

  static void configure(Config config) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    context.reset();
    String file = config.get(Setting.LOG_FILE);
    OutputStreamAppender<ILoggingEvent> appender =
        file.isEmpty() ? console() : rolling(context, file);
    appender.setContext(context);
    appender.setEncoder(encoder(context, config.get(Setting.LOG_FORMAT)));
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(Level.WARN);
    level(config.get(Setting.LOG_LEVEL));
  }

  /** Logs nothing, for those who look and do not run. */
  static void off() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.reset();
    }
  }

  /** The level of now. */
  static String level() {
    return LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        ? context.getLogger(LOGGER).getEffectiveLevel().toString()
        : Setting.LOG_LEVEL.fallback();
  }

  /** Changes the level at run time. */
  static void level(String level) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context
          .getLogger(LOGGER)
          .setLevel(level.equalsIgnoreCase(FATAL) ? Level.ERROR : Level.toLevel(level));
    }
  }

  private static OutputStreamAppender<ILoggingEvent> console() {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setTarget("System.err");
    return console;
  }

  private static OutputStreamAppender<ILoggingEvent> rolling(LoggerContext context, String file) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setFile(file);
    SizeAndTimeBasedRollingPolicy<ILoggingEvent> policy = new SizeAndTimeBasedRollingPolicy<>();
    policy.setContext(context);
    policy.setParent(appender);
    policy.setFileNamePattern(file + ".%d{yyyy-MM-dd}.%i.gz");
    policy.setMaxFileSize(FileSize.valueOf("100MB"));
    policy.setMaxHistory(14);
    policy.setTotalSizeCap(FileSize.valueOf("1GB"));
    policy.start();
    appender.setRollingPolicy(policy);
    return appender;
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, String format) {
    if (format.equals("json")) {
      JsonLines json = new JsonLines();
      json.setContext(context);
      json.start();
      return json;
    }
    PatternLayoutEncoder text = new PatternLayoutEncoder();
    text.setContext(context);
    text.setPattern(PATTERN);
    text.start();
    return text;
  }
}
