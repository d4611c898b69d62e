package io.portal.core.internal;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.InvalidException;
import io.portal.core.model.RouteId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes that a request can match, and those that none can. */
class RouteCheckTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.com",
        "Example.COM.",
        "localhost",
        "co.uk",
        "_dmarc.a-b.example",
        "10.0.0.1",
        "[::1]",
        "m\u00fcnchen.example",
        "xn--mnchen-3ya.example",
        "a12345678901234567890123456789012345678901234567890123456789012.example"
      })
  void takesHosts(String name) {
    assertThatCode(() -> RouteCheck.check(new RouteId(name, name, ""))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*.example.com",
        "*",
        "https://a.example",
        "a.example:8080",
        "a.example/x",
        "a..example",
        ".example",
        "-a.example",
        "a-.example",
        "a b",
        "a%62.example",
        ".",
        "a123456789012345678901234567890123456789012345678901234567890123.example"
      })
  void refusesHostsThatNoRequestNames(String name) {
    assertThatThrownBy(() -> RouteCheck.check(new RouteId("", name, "")))
        .isInstanceOf(InvalidException.class)
        .hasMessageContainingAll("domain", name, "a host name such as example.com");
    assertThatThrownBy(() -> RouteCheck.check(new RouteId(name, "", "")))
        .isInstanceOf(InvalidException.class)
        .hasMessageContainingAll("subdomain", name);
  }

  @ParameterizedTest
  @CsvSource({
    "''", "/", "/a", "/a/", "/a*", "*", "/*", "/a b", "//a", "/a/../b", "/%61", "/a%2fb", "/\u00fc"
  })
  void takesPaths(String path) {
    assertThatCode(() -> RouteCheck.check(new RouteId("", "", path))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api",
        "api*",
        "/a?b",
        "/a#b",
        "/a;b",
        "/a\\b",
        "/..",
        "/a/../../b",
        "/%2E%2e/a",
        "//../a",
        "/a\n",
        "http://h/a"
      })
  void refusesPathsThatNoRequestHas(String path) {
    assertThatThrownBy(() -> RouteCheck.check(new RouteId("", "", path)))
        .isInstanceOf(InvalidException.class)
        .hasMessageContainingAll("path", path, "start with '/'");
  }
}
