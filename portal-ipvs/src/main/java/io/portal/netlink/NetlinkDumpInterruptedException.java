package io.portal.netlink;

/** What was dumped changed meanwhile ({@code NLM_F_DUMP_INTR}): dump again. */
public final class NetlinkDumpInterruptedException extends NetlinkException {

  private static final long serialVersionUID = 1L;

  /** An error of that operation. */
  public NetlinkDumpInterruptedException(String operation) {
    super(operation, "what was dumped changed meanwhile, the result is not consistent");
  }
}
