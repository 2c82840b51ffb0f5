/*
 * seccomp(2) by libseccomp, landlock(7) by its system calls, and, for root, a user and
 * an empty folder of its own. A call that is not in the list ends the process.
 */
#define _GNU_SOURCE
#include "server/cell_confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "server/cell_message.h"

enum { NOBODY = 65534 };

/* All that c-ares, the loop and the channel do once they are there; memory is for
 * malloc(3), and never executable. */
static const int calls[] = {
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(close),
    SCMP_SYS(fcntl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(poll),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(exit_group),
};

/* A call with such an argument; `two` is what a mask leaves. */
static bool
only(scmp_filter_ctx filter, int call, unsigned argument, enum scmp_compare how,
     uint64_t one, uint64_t two)
{
    const struct scmp_arg_cmp wanted = {
        .arg = argument, .op = how, .datum_a = one, .datum_b = two
    };

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &wanted) == 0;
}

static bool
calls_add(scmp_filter_ctx filter)
{
    bool added = true;

    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && added; i++)
        added = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
    return added && only(filter, SCMP_SYS(socket), 0, SCMP_CMP_EQ, AF_INET, 0) &&
           only(filter, SCMP_SYS(socket), 0, SCMP_CMP_EQ, AF_INET6, 0) &&
           only(filter, SCMP_SYS(mmap), 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
}

static bool
calls_take(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    /* 2: a tree in the place of a list, which each call goes through */
    bool taken = filter && seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
                 calls_add(filter) && seccomp_load(filter) == 0;

    /* what is allocated stays: to free it is of no use to a process that goes on */
    return taken;
}

/* Every right over files of the kernel's version; no rule gives any back. */
static bool
files_take(void)
{
    /* by the version of its interface, from 1: one more right each */
    static const uint64_t rights[] = { 0x1fff, 0x3fff, 0x7fff };
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_ruleset_attr wanted = { 0 };
    bool taken;
    int rules;

    if (version < 1)
        return false;
    wanted.handled_access_fs = rights[version > 3 ? 2 : version - 1];
    rules = (int)syscall(SYS_landlock_create_ruleset, &wanted,
                         sizeof(wanted.handled_access_fs), 0);
    if (rules < 0)
        return false;
    taken = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return taken;
}

/* A folder that is removed is empty for ever. */
static bool
root_take(void)
{
    char folder[] = "/tmp/tcpserver-cell-XXXXXX";
    bool taken;

    if (!mkdtemp(folder))
        return false;
    taken = chdir(folder) == 0;
    taken = rmdir(folder) == 0 && taken;
    return taken && chroot(".") == 0;
}

static bool
user_take(void)
{
    return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
           setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

unsigned
srv_cell_confine(void)
{
    unsigned held = 0;

    if (geteuid() == 0) {
        held |= root_take() ? SRV_CELL_NO_ROOT : 0;
        held |= user_take() ? SRV_CELL_OWN_USER : 0;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* another user has none */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        held |= SRV_CELL_NO_PRIVILEGES;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    held |= files_take() ? SRV_CELL_NO_FILES : 0;
    held |= calls_take() ? SRV_CELL_FEW_CALLS : 0;
    return held;
}
