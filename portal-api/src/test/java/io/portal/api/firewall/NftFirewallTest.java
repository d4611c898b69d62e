package io.portal.api.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.InetAddresses;
import io.portal.core.model.ServiceType;
import io.portal.core.port.FirewallException;
import io.portal.core.port.Opening;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Portal's rules in the nftables of a network namespace of its own. */
class NftFirewallTest {

  private static final Opening WEB = opening(ServiceType.TCP, "10.0.0.1", 80);
  private static final Opening DNS = opening(ServiceType.UDP, "2001:db8::1", 53);
  private static final Opening PROXY = new Opening(ServiceType.TCP, null, 8080);

  private final String namespace = "portal-nft-" + ProcessHandle.current().pid();

  private static Opening opening(ServiceType type, String address, int port) {
    return new Opening(type, InetAddresses.forString(address), port);
  }

  @BeforeEach
  void namespace() throws Exception {
    run("ip", "netns", "add", namespace);
  }

  @AfterEach
  void remove() throws Exception {
    run("ip", "netns", "del", namespace);
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private String nft(String command) throws Exception {
    return run("ip", "netns", "exec", namespace, "nft", command);
  }

  private NftFirewall firewall() throws FirewallException {
    return NftFirewall.open(List.of("ip", "netns", "exec", namespace, "nft"));
  }

  @Test
  void opensAsADiffAndSaysHowMuchWasWrong() throws Exception {
    NftFirewall firewall = firewall();
    assertThat(firewall.settle(List.of(WEB, DNS, PROXY))).isEqualTo(4);
    assertThat(firewall.settle(List.of(WEB, DNS, PROXY))).isZero();
    assertThat(nft("list table inet portal"))
        .contains(
            "10.0.0.1 . tcp . 80",
            "2001:db8::1 . udp . 53",
            "tcp . 8080",
            "ip daddr . meta l4proto . th dport @services4");
    String handles = handles();
    firewall.change(List.of(WEB), List.of(opening(ServiceType.SCTP, "10.0.0.2", 9)));
    assertThat(nft("list set inet portal services4"))
        .contains("10.0.0.2 . sctp . 9")
        .doesNotContain("10.0.0.1");
    firewall.change(List.of(), List.of(WEB, WEB));
    assertThat(firewall.settle(List.of(WEB, PROXY))).isEqualTo(2);
    // Nothing was made anew for any of it.
    assertThat(handles()).isEqualTo(handles);
  }

  private String handles() throws Exception {
    return run("ip", "netns", "exec", namespace, "nft", "-a", "list", "table", "inet", "portal")
        .lines()
        .filter(line -> line.contains("# handle"))
        .toList()
        .toString();
  }

  @Test
  void mendsWhatSomebodyChanged() throws Exception {
    NftFirewall firewall = firewall();
    firewall.settle(List.of(WEB, PROXY));
    nft("delete element inet portal services4 { 10.0.0.1 . tcp . 80 }");
    nft("add element inet portal services4 { 10.9.9.9 . tcp . 22 }");
    assertThat(firewall.settle(List.of(WEB, PROXY))).isEqualTo(2);
    nft("flush chain inet portal mark-open");
    assertThat(firewall.settle(List.of(WEB, PROXY))).isEqualTo(3);
    nft("delete table inet portal");
    assertThat(firewall.settle(List.of(WEB, PROXY))).isEqualTo(3);
    assertThat(firewall.settle(List.of(WEB, PROXY))).isZero();
  }

  @Test
  void letsInBehindTheOwnersRulesAndLeavesNoTrace() throws Exception {
    nft(
        "add table inet filter; add chain inet filter input "
            + "{ type filter hook input priority 0; policy drop; };"
            + "add rule inet filter input ip saddr 10.6.6.6 drop;"
            + "add table ip old; add chain ip old in { type filter hook input priority 10; };"
            + "add rule ip old in tcp dport 22 accept;"
            + "add rule ip old in counter reject;"
            + "add table ip6 free; add chain ip6 free in { type filter hook input priority 1; }");
    String before = nft("list ruleset");
    NftFirewall firewall = firewall();
    assertThat(firewall.settle(List.of(WEB))).isEqualTo(4);
    assertThat(lines("inet filter input")).containsExactly("ip saddr 10.6.6.6 drop", accept());
    assertThat(lines("ip old in").get(0)).isEqualTo("tcp dport 22 accept");
    assertThat(lines("ip old in").get(1)).isEqualTo(accept());
    assertThat(lines("ip6 free in")).isEmpty();
    assertThat(firewall.settle(List.of(WEB))).isZero();
    firewall.clear();
    assertThat(nft("list ruleset")).isEqualTo(before);
    firewall.clear();
  }

  private static String accept() {
    return "meta mark & 0x40000000 == 0x40000000 accept comment \"portal\"";
  }

  private List<String> lines(String chain) throws Exception {
    return nft("list chain " + chain)
        .lines()
        .map(String::strip)
        .filter(line -> line.contains("accept") || line.contains("drop") || line.contains("reject"))
        .filter(line -> !line.startsWith("type "))
        .toList();
  }

  @Test
  void saysWhyItCannot() throws Exception {
    assertThatThrownBy(() -> NftFirewall.open(List.of("/no/such/nft")))
        .isInstanceOf(FirewallException.class)
        .hasMessageContaining("nft cannot be run")
        .hasMessageContaining("apt install nftables");
    NftFirewall firewall = firewall();
    firewall.settle(List.of());
    assertThatThrownBy(() -> firewall.change(List.of(WEB), List.of(PROXY)))
        .isInstanceOf(FirewallException.class)
        .hasMessageContaining("nft: ");
    // Nothing of it was done.
    assertThat(firewall.settle(List.of())).isZero();
  }
}
