/* Brings a process into a state that the rest of the program can rely on. */
#include "base/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { HEAP_STEP = 16 * 1024, LARGE = 128 * 1024 };

void
pn_process_spare_memory(void)
{
    (void)mallopt(M_TOP_PAD, HEAP_STEP); /* failing only makes the heap larger */
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
    (void)mallopt(M_ARENA_MAX, 1); /* threads use the same heap */
}

bool
pn_process_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* the lowest closed one is what open(2) takes: all below are open by now */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    }
    return true;
}

bool
pn_process_begin(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    return sigaction(SIGXFSZ, &ignore, NULL) == 0 && pn_process_descriptors();
}

void
pn_process_gain_nothing(void)
{
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0,
                0); /* a kernel without it offers nothing else */
}
