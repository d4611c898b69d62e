package io.portal.ipvs;

import io.portal.core.kernel.KernelSuite;

class KernelIT extends KernelSuite {}
