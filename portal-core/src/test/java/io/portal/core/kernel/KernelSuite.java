package io.portal.core.kernel;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Runs all of a module's tests that are marked {@link KernelTest} in one boot of {@link
 * UserModeLinux}, and reports each as a test of its own. A module has one subclass, named {@code
 * KernelIT}.
 *
 * <p>Where such a kernel cannot be booted, the tests are left out with a line that says why; with
 * the environment variable {@code PORTAL_VERIFY} set, that is a failure. So is a test that was
 * skipped inside, and a run of no tests. {@code -Dportal.kernel.classes=REGEX} runs some classes
 * only.
 */
public abstract class KernelSuite {

  private static final Duration LIMIT = Duration.ofMinutes(20);

  @TestFactory
  Stream<DynamicTest> kernelTests() throws Exception {
    Optional<String> missing = UserModeLinux.missing();
    if (missing.isPresent()) {
      return without(missing.get());
    }
    Path directory = Path.of("target", "kernel").toAbsolutePath();
    Path report = directory.resolve("TEST-junit-jupiter.xml");
    Files.createDirectories(directory);
    Files.deleteIfExists(report);
    new UserModeLinux(directory).run(launcher(directory), LIMIT);
    if (!Files.exists(report)) {
      throw new AssertionFailedError(
          "no test results; see " + directory.resolve("output.txt") + " and console.txt");
    }
    List<DynamicTest> tests = results(report);
    if (tests.isEmpty()) {
      throw new AssertionFailedError("no kernel test ran");
    }
    return tests.stream();
  }

  private static Stream<DynamicTest> without(String reason) {
    if (System.getenv("PORTAL_VERIFY") != null) {
      throw new AssertionFailedError("kernel tests cannot run: " + reason);
    }
    throw new TestAbortedException("kernel tests are left out: " + reason);
  }

  /** JUnit's console launcher on the same class path. */
  private static List<String> launcher(Path directory) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        new ArrayList<>(
            List.of(
                "/bin/sh",
                "-c",
                "exec \"$@\" > '" + directory.resolve("output.txt") + "' 2>&1",
                "sh",
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx1500m",
                "-Djava.io.tmpdir=/run/tmp",
                "-Djna.tmpdir=/run/tmp",
                "-cp",
                classPath));
    if (Runtime.version().feature() >= 24) {
      command.addAll(
          command.indexOf("-cp"),
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    }
    command.addAll(
        List.of(
            "org.junit.platform.console.ConsoleLauncher",
            "execute",
            "--scan-classpath=" + Path.of("target", "test-classes").toAbsolutePath(),
            "--include-classname=" + System.getProperty("portal.kernel.classes", ".*"),
            "--include-tag=kernel",
            "--config=junit.jupiter.testclass.order.default="
                + "org.junit.jupiter.api.ClassOrderer$OrderAnnotation",
            "--details=tree",
            "--disable-banner",
            "--disable-ansi-colors",
            "--reports-dir=" + directory));
    return command;
  }

  private static List<DynamicTest> results(Path report) throws Exception {
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new File(report.toString()))
            .getElementsByTagName("testcase");
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < cases.getLength(); i++) {
      Element test = (Element) cases.item(i);
      String name =
          test.getAttribute("classname").replaceFirst(".*\\.", "")
              + "."
              + test.getAttribute("name");
      tests.add(dynamicTest(name, () -> replay(test)));
    }
    return tests;
  }

  private static void replay(Element test) {
    for (String outcome : List.of("failure", "error", "skipped")) {
      NodeList found = test.getElementsByTagName(outcome);
      if (found.getLength() > 0) {
        throw new AssertionFailedError(
            outcome + " inside the kernel: " + found.item(0).getTextContent().strip());
      }
    }
  }
}
