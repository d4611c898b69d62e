package io.portal.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in README.md is one that is compiled and run. */
class ReadmeTest {

  @Test
  void showsTheExample() throws Exception {
    String readme = Files.readString(Path.of("../README.md"));
    String source =
        Files.readString(Path.of("src/main/java/io/portal/examples/Example.java"))
            .replace("package io.portal.examples;\n\n", "");

    assertThat(readme).contains("```java\n" + source + "```\n");
  }

  @Test
  void theExampleRuns(@TempDir Path directory) throws Exception {
    Example.main(new String[] {directory.toString()});

    assertThat(directory.resolve("services")).isNotEmptyDirectory();
  }
}
