/*
 * Lets User-Mode Linux 6.1 run on processors with AMX. It restores a process's registers with
 * PTRACE_SETREGSET of NT_X86_XSTATE from the 2,696 bytes it keeps (FP_SIZE); the host's XSAVE area is
 * larger there (11,008 bytes), and since Linux 5.x the host refuses to set a part of it (EFAULT, see
 * xstateregs_set in arch/x86/kernel/fpu/regset.c). So the whole area is read first, the given bytes are
 * laid over its beginning, and the whole is set. Everything else passes through.
 *
 * Preloaded into linux.uml; one virtual processor and no preemption there, so one buffer serves.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

static long (*next)(int request, ...);
static unsigned char area[64 * 1024] __attribute__((aligned(64)));

__attribute__((constructor)) static void find_next(void) { next = (long (*)(int, ...))dlsym(RTLD_NEXT, "ptrace"); }

static long set_whole(pid_t pid, void *type, const struct iovec *part) {
  struct iovec whole = {.iov_base = area, .iov_len = sizeof area};
  long status = next(PTRACE_GETREGSET, pid, type, &whole);
  if (status != 0 || part->iov_len >= whole.iov_len)
    return next(PTRACE_SETREGSET, pid, type, part);
  memcpy(area, part->iov_base, part->iov_len);
  return next(PTRACE_SETREGSET, pid, type, &whole);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  if (request == PTRACE_SETREGSET && (unsigned long)address == NT_X86_XSTATE)
    return set_whole(pid, address, data);
  return next(request, pid, address, data);
}
