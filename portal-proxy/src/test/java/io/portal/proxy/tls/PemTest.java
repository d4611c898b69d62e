package io.portal.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as the openssl program writes them, with and without a password. */
class PemTest {

  private static final String PASSWORD = "p\u00e4ss w\u00f6rd";

  @TempDir private static Path directory;
  private static Path rsa;
  private static Path ec;

  @BeforeAll
  static void keys() throws Exception {
    rsa = directory.resolve("rsa.pem");
    ec = directory.resolve("ec.pem");
    openssl("genrsa -out " + rsa + " 2048");
    openssl("ecparam -name prime256v1 -genkey -out " + ec);
  }

  private static void openssl(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ")));
    Path log = directory.resolve("openssl.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(arguments + Files.readString(log)).isZero();
  }

  private static String encrypted(Path key, String form) throws Exception {
    Path out = directory.resolve("out.pem");
    Path password = Files.writeString(directory.resolve("password"), PASSWORD);
    String files = " -in " + key + " -out " + out + " -passout file:" + password;
    String command =
        form.startsWith("pkcs8") ? form + files : (key.equals(rsa) ? "rsa " : "ec ") + form + files;
    openssl(command);
    return Files.readString(out);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-aes128",
        "-aes192",
        "-aes256",
        "-des3",
        "-aes128 -traditional",
        "-aes256 -traditional",
        "-des3 -traditional",
        "pkcs8 -topk8",
        "pkcs8 -topk8 -v2 aes128",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512",
        "pkcs8 -topk8 -v2 des3",
        "pkcs8 -topk8 -scrypt",
        "pkcs8 -topk8 -v1 PBE-SHA1-3DES"
      })
  void everyFormOfAnEncryptedKeyLoads(String form) throws Exception {
    for (Path plain : List.of(rsa, ec)) {
      boolean flags = form.startsWith("-");
      if (plain.equals(ec) && flags && form.contains("-traditional")) {
        // "openssl ec" writes the older form without being told.
        continue;
      }
      String text = encrypted(plain, form);
      assertThat(text).contains("ENCRYPTED");
      PrivateKey key = Pem.privateKey(text, PASSWORD);
      assertThat(secret(key)).isEqualTo(secret(Pem.privateKey(Files.readString(plain), "")));
      assertThatThrownBy(() -> Pem.privateKey(text, "other"))
          .isInstanceOf(IOException.class)
          .hasMessage("the private key does not decrypt: its password is wrong");
      assertThatThrownBy(() -> Pem.privateKey(text, ""))
          .isInstanceOf(IOException.class)
          .hasMessage("the private key is encrypted, and no password is given for it");
    }
  }

  private static BigInteger secret(PrivateKey key) {
    return key instanceof ECPrivateKey ec ? ec.getS() : ((RSAPrivateKey) key).getPrivateExponent();
  }

  @Test
  void thePasswordIsNotBlamedForAnEncryptionThatIsNotSupported() throws Exception {
    String text = encrypted(rsa, "-aes128 -traditional").replace("AES-128-CBC", "NONE-128-CBC");
    assertThatThrownBy(() -> Pem.privateKey(text, PASSWORD))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the private key is encrypted in a way that is not supported");
  }

  @ParameterizedTest
  @CsvSource({"-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----"})
  void brokenBase64IsSaid(String begin) {
    String text = begin + "\n@@@@\n" + begin.replace("BEGIN", "END") + "\n";
    assertThatThrownBy(() -> Pem.certificates(text)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Pem.privateKey(text, "")).isInstanceOf(IOException.class);
  }

  @Test
  void whateverIsWrongWithAPemIsAnInvalidCert() throws Exception {
    SelfSigned made = SelfSigned.create(Instant.now(), List.of("a.example.com"));
    String cert = Pem.text(made.certificate());
    String key = Pem.text(made.key());
    Random random = new Random(1);
    for (int i = 0; i < 600; i++) {
      Cert damaged =
          i % 2 == 0 ? new Cert(damaged(cert, random), key) : new Cert(cert, damaged(key, random));
      try {
        ServerCertificate.of(damaged);
      } catch (InvalidException expected) {
        assertThat(expected.getMessage()).startsWith("Invalid ");
      }
    }
  }

  private static String damaged(String text, Random random) {
    StringBuilder damaged = new StringBuilder(text);
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(damaged.length());
      switch (random.nextInt(3)) {
        case 0 -> damaged.setCharAt(at, (char) (32 + random.nextInt(95)));
        case 1 -> damaged.deleteCharAt(at);
        default -> damaged.insert(at, (char) random.nextInt(256));
      }
    }
    return damaged.toString();
  }
}
