package io.portal.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class XstateShimTest {

  @Test
  void isNeededOnProcessorsWithAmx() {
    assertThat(
            XstateShim.needed(
                "processor\t: 0\nflags\t\t: fpu avx512f amx_bf16 avx512_fp16 amx_tile amx_int8\n"))
        .isTrue();
  }

  @Test
  void isNotNeededOnOthers() {
    assertThat(XstateShim.needed("processor\t: 0\nflags\t\t: fpu sse2 avx avx512f\n")).isFalse();
    assertThat(XstateShim.needed("model name\t: amx_tile \nflags\t\t: fpu\n")).isFalse();
    assertThat(XstateShim.needed("")).isFalse();
  }
}
