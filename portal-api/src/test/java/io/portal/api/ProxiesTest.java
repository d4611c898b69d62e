package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What an operator reads whose proxy cannot listen. */
class ProxiesTest {

  @Test
  void sayWhatToDoWithoutThePrivilegeForAPort() {
    assertThat(Proxies.hint("proxy: listen on /0.0.0.0:80: bind(..) failed: Permission denied"))
        .contains("CAP_NET_BIND_SERVICE")
        .contains("--proxy-http 0.0.0.0:8080");
    assertThat(Proxies.hint("bind(..) failed: Address already in use")).isEmpty();
  }
}
