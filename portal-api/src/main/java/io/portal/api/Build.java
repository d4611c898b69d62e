package io.portal.api;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which portal this is. */
final class Build {

  private Build() {}

  /** Version and commit as JSON. */
  static String json() {
    Properties build = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the jar is damaged", e);
    }
    return "{\"version\":\""
        + build.getProperty("version", "unknown")
        + "\",\"commit\":\""
        + build.getProperty("commit", "unknown")
        + "\"}";
  }
}
