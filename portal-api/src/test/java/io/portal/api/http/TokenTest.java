package io.portal.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which a request may carry the token, and the order in which they count. */
class TokenTest {

  private static final Token TOKEN = new Token("secret");

  @ParameterizedTest
  @CsvSource({
    "secret,,, true",
    "wrong,,, false",
    ",,, false",
    ", Bearer secret,, true",
    ", bearer   secret,, true",
    ", Bearer wrong,, false",
    ", Bearer,, false",
    ", Bearersecret,, false",
    ", Basic secret,, false",
    ", secret,, false",
    ",, secret, true",
    ",, wrong, false",
    "wrong, Bearer secret, secret, false",
    "secret, Bearer wrong, wrong, true",
    ", Bearer other, secret, true",
  })
  void aTokenIsTakenFromHeaderBearerOrQuery(
      @Nullable String header,
      @Nullable String authorization,
      @Nullable String query,
      boolean accepted) {
    assertThat(TOKEN.accepts(headers(header, authorization), query)).isEqualTo(accepted);
  }

  static HttpHeaders headers(@Nullable String header, @Nullable String authorization) {
    HttpHeaders headers = new DefaultHttpHeaders();
    if (header != null) {
      headers.set("x-auth-token", header);
    }
    if (authorization != null) {
      headers.set("authorization", authorization);
    }
    return headers;
  }
}
