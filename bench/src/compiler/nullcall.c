/*
 * LD_PRELOAD for Linux on x86-64: a call through a null function pointer returns 0. RADV's null winsys, which stands in for
 * hardware that is not there, lacks half of the functions by which a device is opened; with this, Dawn's device comes up and
 * compiles pipelines. Node's own handler of the signal is kept off.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

static int (*real)(int, const struct sigaction *, struct sigaction *);

static void find(void) {
  if (!real) real = dlsym(RTLD_NEXT, "sigaction");
}

static void handle(int sig, siginfo_t *info, void *context) {
  greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
  (void)sig;
  (void)info;
  if (r[REG_RIP] == 0) {
    r[REG_RIP] = *(greg_t *)r[REG_RSP];
    r[REG_RSP] += 8;
    r[REG_RAX] = 0;
    return;
  }
  struct sigaction none;
  memset(&none, 0, sizeof none);
  none.sa_handler = SIG_DFL;
  real(SIGSEGV, &none, 0);
}

int sigaction(int sig, const struct sigaction *act, struct sigaction *old) {
  find();
  if (sig == SIGSEGV && act) return 0;
  return real(sig, act, old);
}

__attribute__((constructor)) static void install(void) {
  find();
  struct sigaction mine;
  memset(&mine, 0, sizeof mine);
  mine.sa_sigaction = handle;
  mine.sa_flags = SA_SIGINFO | SA_NODEFER;
  real(SIGSEGV, &mine, 0);
}
