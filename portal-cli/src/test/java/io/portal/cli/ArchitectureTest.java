package io.portal.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows of ARCHITECTURE.md, over the classes of all modules. */
class ArchitectureTest {

  private static final String[] CORE = {"io.portal.core.."};
  private static final String[] IPVS = {
    "io.portal.ipvs..", "io.portal.netlink..", "io.portal.vip.."
  };
  private static final String[] PROXY = {"io.portal.proxy.."};
  private static final String[] STORE = {"io.portal.store.."};
  private static final String[] API = {"io.portal.api.."};
  private static final String[] CLI = {"io.portal.cli.."};

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.portal");
  }

  /** Modules, what they may use besides the JDK, and whether there are classes of it at all. */
  static Stream<Arguments> arrows() {
    return Stream.of(
        Arguments.of("portal-core", CORE, join(CORE, "com.google.common..", "org.pcollections..")),
        Arguments.of("portal-ipvs", IPVS, join(IPVS, CORE, "com.google.common..", "com.sun.jna..")),
        Arguments.of(
            "portal-proxy",
            PROXY,
            join(
                PROXY,
                CORE,
                "com.google.common..",
                "io.netty..",
                "org.bouncycastle..",
                "org.apache.commons.exec..")),
        Arguments.of(
            "portal-store",
            STORE,
            join(
                STORE,
                CORE,
                "com.google.common..",
                "org.pcollections..",
                "com.fasterxml.jackson..",
                "org.postgresql..",
                "com.zaxxer.hikari..",
                "org.pcollections..",
                "io.lettuce..")),
        Arguments.of(
            "portal-api",
            API,
            join(
                join(API, join(IPVS, join(PROXY, STORE))),
                CORE,
                "com.google.common..",
                "com.fasterxml.jackson..",
                "io.netty..",
                "io.prometheus..",
                "org.apache.commons.exec..",
                "org.pcollections..",
                "ch.qos.logback..")),
        Arguments.of(
            "portal-cli", CLI, join(CLI, API, "com.fasterxml.jackson.core..", "sun.misc..")));
  }

  private static String[] join(String[] own, String... others) {
    return Stream.concat(Stream.of(own), Stream.of(others)).toArray(String[]::new);
  }

  private static String[] join(String[] own, String[] more, String... others) {
    return join(join(own, more), others);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("arrows")
  void dependsOnNothingElse(String module, String[] packages, String[] allowed) {
    classes()
        .that()
        .resideInAnyPackage(packages)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            join(
                allowed,
                "java..",
                "javax..",
                "org.slf4j..",
                "org.jspecify.annotations..",
                "com.sun.net..",
                "jdk.."))
        .allowEmptyShould(true)
        .because("these are the arrows of ARCHITECTURE.md for " + module)
        .check(all);
  }

  @Test
  void librariesDoNotPrint() {
    noClasses()
        .that()
        .resideOutsideOfPackages(CLI)
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(all);
  }

  @Test
  void everyPackageSaysWhatMayBeNull() {
    classes().that().resideInAPackage("io.portal..").should(beInANullMarkedPackage()).check(all);
  }

  private static ArchCondition<JavaClass> beInANullMarkedPackage() {
    return new ArchCondition<>("be in a package that is @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked =
            type.getPackage()
                .tryGetAnnotationOfType("org.jspecify.annotations.NullMarked")
                .isPresent();
        events.add(
            new SimpleConditionEvent(
                type, marked, type.getName() + " is in a package without @NullMarked"));
      }
    };
  }
}
