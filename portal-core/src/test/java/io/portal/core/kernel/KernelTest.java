package io.portal.core.kernel;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks a test class that needs a Linux kernel with IPVS and root: it runs inside {@link
 * UserModeLinux}, started by its module's {@link KernelSuite}, and never on the machine that
 * builds.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("kernel")
public @interface KernelTest {}
