package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ApiTableTest {
  @Test
  void braces() {
    assertThat(ApiTable.braces("/a/:b_c/d")).isEqualTo("/a/{b_c}/d");
  }
}
