package io.portal.store.postgres;

import io.portal.store.internal.NetworkReason;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an error of the database says, without anything of the statement or its values: those hold
 * private keys. The driver's own messages quote statements, and the server's detail quotes rows, so
 * neither is passed on; nor is the exception itself, which would carry them as a cause.
 */
final class SqlReason {

  /**
   * Classes of errors whose primary message is of fixed words and names at most tables, columns,
   * constraints and roles (PostgreSQL manual, appendix A). Not among them: 22, which quotes values,
   * P0, the words of somebody's trigger, and XX, internal errors.
   */
  private static final Set<String> FIXED_WORDS =
      Set.of(
          "08", "0A", "23", "25", "28", "2F", "3D", "3F", "40", "42", "53", "54", "55", "57", "58");

  private SqlReason() {}

  /** The SQLSTATE and the server's message, or why the server could not be asked. */
  static String of(SQLException error) {
    ServerErrorMessage message = serverMessage(error);
    if (message != null) {
      String state = String.valueOf(message.getSQLState());
      String words = message.getMessage();
      // Where a function was running the words, and the SQLSTATE, may be that function's own.
      boolean fixed =
          message.getWhere() == null
              && state.length() == 5
              && FIXED_WORDS.contains(state.substring(0, 2));
      return fixed && words != null
          ? words.lines().findFirst().orElse("") + " (SQLSTATE " + state + ")"
          : "the server refused it (SQLSTATE " + state + "); its own log says more";
    }
    String state = state(error);
    return NetworkReason.of(error).orElse(own(state)) + " (SQLSTATE " + state + ")";
  }

  /** The SQLSTATE; that of a lost connection where there is none. */
  static String state(SQLException error) {
    ServerErrorMessage message = serverMessage(error);
    String state = message == null ? error.getSQLState() : message.getSQLState();
    return state == null ? "08000" : state;
  }

  private static String own(String state) {
    return state.startsWith("08") ? "no connection" : "the driver refused it";
  }

  /** Of a batch the server's message is in an exception chained to the driver's. */
  private static @Nullable ServerErrorMessage serverMessage(SQLException error) {
    for (Throwable one : error) {
      if (one instanceof PSQLException postgres && postgres.getServerErrorMessage() != null) {
        return postgres.getServerErrorMessage();
      }
    }
    return null;
  }
}
