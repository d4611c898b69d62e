package io.portal.netlink;

/**
 * A kernel error number. Immutable.
 *
 * <p>Source: include/uapi/asm-generic/errno-base.h and errno.h, which all architectures but alpha,
 * mips, parisc and sparc use.
 *
 * @param number the number, 1 and up
 */
public record Errno(int number) {

  private static final String[] NAMES =
      ("0 EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT"
              + " ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY"
              + " EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK"
              + " ENOSYS ENOTEMPTY ELOOP 41 ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH"
              + " ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT 58 EBFONT ENOSTR ENODATA"
              + " ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT"
              + " EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC"
              + " EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE"
              + " ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT"
              + " EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET"
              + " ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN"
              + " EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO"
              + " EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED"
              + " EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON")
          .split(" ");

  /** Not permitted. */
  public static final Errno EPERM = new Errno(1);

  /** No such thing. */
  public static final Errno ENOENT = new Errno(2);

  /** No such object. */
  public static final Errno ESRCH = new Errno(3);

  /** Interrupted by a signal. */
  public static final Errno EINTR = new Errno(4);

  /** Nothing there now. */
  public static final Errno EAGAIN = new Errno(11);

  /** In use. */
  public static final Errno EBUSY = new Errno(16);

  /** Exists. */
  public static final Errno EEXIST = new Errno(17);

  /** No such device. */
  public static final Errno ENODEV = new Errno(19);

  /** Invalid. */
  public static final Errno EINVAL = new Errno(22);

  /** Out of range. */
  public static final Errno ERANGE = new Errno(34);

  /** Not supported. */
  public static final Errno EOPNOTSUPP = new Errno(95);

  /** No such address family in this kernel. */
  public static final Errno EAFNOSUPPORT = new Errno(97);

  /** The address is not there. */
  public static final Errno EADDRNOTAVAIL = new Errno(99);

  /** Messages were lost because the receive buffer was full. */
  public static final Errno ENOBUFS = new Errno(105);

  /** The name as in the kernel's headers, {@code errno 512} where it has none there. */
  public String symbol() {
    return number > 0 && number < NAMES.length && NAMES[number].charAt(0) == 'E'
        ? NAMES[number]
        : "errno " + number;
  }

  @Override
  public String toString() {
    return symbol();
  }
}
