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
    "secret,,, GRANTED",
    "wrong,,, REFUSED",
    ",,, REFUSED",
    ", Bearer secret,, GRANTED",
    ", bearer   secret,, GRANTED",
    ", Bearer wrong,, REFUSED",
    ", Bearer,, REFUSED",
    ", Bearersecret,, REFUSED",
    ", Basic secret,, REFUSED",
    ", secret,, REFUSED",
    ",, secret, BY_QUERY",
    ",, wrong, REFUSED",
    "wrong, Bearer secret, secret, REFUSED",
    "secret, Bearer wrong, wrong, GRANTED",
    ", Bearer other, secret, BY_QUERY",
  })
  void aTokenIsTakenFromHeaderBearerOrQuery(
      @Nullable String header,
      @Nullable String authorization,
      @Nullable String query,
      Token.Verdict verdict) {
    assertThat(TOKEN.judge(headers(header, authorization), query)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource({
    ",,, GRANTED",
    "'',,, GRANTED",
    "any,,, NOT_ASKED_FOR",
    ", Bearer any,, NOT_ASKED_FOR",
    ", Basic any,, GRANTED",
    ",, any, NOT_ASKED_FOR",
  })
  void withoutATokenEverybodyIsLetIn(
      @Nullable String header,
      @Nullable String authorization,
      @Nullable String query,
      Token.Verdict verdict) {
    assertThat(new Token("").judge(headers(header, authorization), query)).isEqualTo(verdict);
  }

  private static HttpHeaders headers(@Nullable String header, @Nullable String authorization) {
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
