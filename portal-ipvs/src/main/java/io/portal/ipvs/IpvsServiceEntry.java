package io.portal.ipvs;

/**
 * A service as the kernel has it.
 *
 * @param service identity and settings
 * @param stats what it counted
 */
public record IpvsServiceEntry(IpvsService service, IpvsStats stats) {}
