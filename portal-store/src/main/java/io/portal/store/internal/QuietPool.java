package io.portal.store.internal;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Keeps the pool from logging exceptions of broken connections, for they may quote rows with
 * private keys; the store takes such connections out of the pool itself.
 */
public final class QuietPool implements SQLExceptionOverride {

  /** Public, with the class, for the pool makes one by its name. */
  public QuietPool() {}

  @java.lang.Override
  public Override adjudicate(SQLException error) {
    return Override.DO_NOT_EVICT;
  }
}
