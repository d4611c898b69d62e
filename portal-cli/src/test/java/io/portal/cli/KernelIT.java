package io.portal.cli;

import io.portal.core.kernel.KernelSuite;

class KernelIT extends KernelSuite {}
