package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a program reads of the log. */
class JsonLinesTest {

  private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();

  private static JsonNode line(@Nullable Throwable thrown, String template, Object... arguments)
      throws IOException {
    JsonLines encoder = new JsonLines();
    encoder.setContext(CONTEXT);
    encoder.start();
    byte[] line =
        encoder.encode(
            new LoggingEvent(
                "here",
                CONTEXT.getLogger("io.portal.Some"),
                Level.WARN,
                template,
                thrown,
                arguments));
    assertThat(line).endsWith((byte) '\n');
    return new JsonMapper().readTree(line);
  }

  @Test
  void theMessageIsTheTextWithItsArguments() throws Exception {
    JsonNode line = line(null, "target {}: left alone for {} s: {}", "a:1", 4, "\"refused\"\n");
    assertThat(line.path("message").asText())
        .isEqualTo("target a:1: left alone for 4 s: \"refused\"\n");
    assertThat(line.path("level").asText()).isEqualTo("WARN");
    assertThat(line.path("loggerName").asText()).isEqualTo("io.portal.Some");
    assertThat(line.path("timestamp").asLong()).isPositive();
    assertThat(line.has("arguments")).isFalse();
  }

  @Test
  void whatLooksLikeATemplateAndCarriesAnErrorStaysAsItIs() throws Exception {
    JsonNode line = line(new IOException("no {}"), "kept: {}", "{}");
    assertThat(line.path("message").asText()).isEqualTo("kept: {}");
    assertThat(line.path("throwable").path("message").asText()).isEqualTo("no {}");
    assertThat(line.path("throwable").path("stepArray")).isNotEmpty();
  }
}
