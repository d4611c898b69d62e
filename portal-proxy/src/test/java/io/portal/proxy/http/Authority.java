package io.portal.proxy.http;

import io.portal.core.model.Cert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate authority of a test's own, made by {@code openssl}. */
final class Authority {

  private static final List<String> ELLIPTIC = List.of("ec", "-pkeyopt", "ec_paramgen_curve:P-256");

  private final Program openssl = Program.of("openssl");
  private final Path directory;

  /** Makes its key and certificate in a directory. */
  Authority(Path directory) throws Exception {
    this.directory = directory;
    request("ca", ELLIPTIC, "Test authority", List.of("keyUsage=critical,keyCertSign,cRLSign"));
  }

  /** Its certificate, as PEM. */
  Path certificate() {
    return directory.resolve("ca.pem");
  }

  /**
   * A certificate it signs, with an elliptic key.
   *
   * @param commonName tells it from others; the names it is for are the alternative ones
   * @param names host names
   */
  Cert issue(String commonName, String... names) throws Exception {
    return issue(ELLIPTIC, "digitalSignature", commonName, names);
  }

  /** The same with an RSA key, which may be used in every way that TLS 1.2 knows. */
  Cert issueRsa(String commonName, String... names) throws Exception {
    return issue(List.of("rsa:2048"), "digitalSignature,keyEncipherment", commonName, names);
  }

  /** The same with a key of Ed25519 (RFC 8410). */
  Cert issueEd25519(String commonName, String... names) throws Exception {
    return issue(List.of("ed25519"), "digitalSignature", commonName, names);
  }

  private Cert issue(List<String> key, String usage, String commonName, String... names)
      throws Exception {
    request(
        "leaf",
        key,
        commonName,
        List.of(
            "subjectAltName=DNS:" + String.join(",DNS:", names),
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical," + usage,
            "extendedKeyUsage=serverAuth",
            // Nobody asks there, but scanners want that one can.
            "crlDistributionPoints=URI:http://localhost:1/none.crl"),
        "-CA",
        certificate().toString(),
        "-CAkey",
        directory.resolve("ca.key").toString());
    return new Cert(read("leaf.pem"), read("leaf.key"));
  }

  private String read(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  private void request(
      String file, List<String> key, String commonName, List<String> extensions, String... more)
      throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("req", "-x509", "-config", empty(), "-days", "90", "-nodes"));
    arguments.add("-newkey");
    arguments.addAll(key);
    arguments.addAll(List.of("-subj", "/CN=" + commonName));
    arguments.addAll(List.of("-keyout", directory.resolve(file + ".key").toString()));
    arguments.addAll(List.of("-out", directory.resolve(file + ".pem").toString()));
    for (String extension : extensions) {
      arguments.addAll(List.of("-addext", extension));
    }
    arguments.addAll(List.of(more));
    openssl.run("", arguments).expectSuccess();
  }

  /** A configuration without extensions of its own. */
  private String empty() throws IOException {
    Path file = directory.resolve("empty.cnf");
    Files.writeString(file, "[req]\ndistinguished_name=name\n[name]\n");
    return file.toString();
  }
}
