/* It reads no byte but the server's own, and keeps the rights that the next one has to
 * give up itself. */
#define _GNU_SOURCE
#include "server/cell_master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/cell_message.h"
#include "server/clock.h"
#include "server/descriptors.h"

enum { AGAIN_MS = 1000 };

static void
ended_tell(int channel)
{
    struct srv_cell_reply reply;

    memset(&reply, 0, sizeof(reply));
    reply.kind = SRV_CELL_ENDED;
    while (send(channel, &reply, sizeof(reply), MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* What the server wants. */
enum word { NOTHING, ANOTHER, NO_MORE };

/* Waits for a process to end, or for the server. */
static enum word
watch(int control, int signals, int64_t most_ms)
{
    struct pollfd both[] = { { control, POLLIN, 0 }, { signals, POLLIN, 0 } };
    struct signalfd_siginfo info;
    ssize_t got;
    char byte;

    if (poll(both, 2, (int)most_ms) < 0)
        return errno == EINTR ? NOTHING : NO_MORE;
    if (both[1].revents && read(signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
        return NO_MORE;
    if (!both[0].revents)
        return NOTHING;
    got = recv(control, &byte, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return NOTHING;
    return got == 1 ? ANOTHER : NO_MORE;
}

/* All that this process has. */
struct held {
    int channel, control, signals;
    sigset_t mask; /* as it was */
    srv_cell_work_fn work;
};

static pid_t
start(const struct held *held)
{
    pid_t child = fork();

    if (child != 0)
        return child;
    close(held->control);
    close(held->signals);
    if (sigprocmask(SIG_SETMASK, &held->mask, NULL) < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(1);
    held->work(held->channel);
    _exit(1);
}

/* One process, from its start to its end. False when the server has gone. */
static bool
one_run(const struct held *held)
{
    pid_t child = start(held);
    enum word word = NOTHING;

    while (child > 0 && word == NOTHING) {
        if (waitpid(child, NULL, WNOHANG) != 0)
            return true;
        word = watch(held->control, held->signals, -1);
    }
    if (child > 0) {
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
    }
    return word != NO_MORE;
}

void
srv_cell_master(int channel, int control, srv_cell_work_fn work)
{
    struct held held = { .channel = channel, .control = control, .work = work };
    sigset_t children;

    srv_descriptors_close_others(channel, control);
    srv_descriptors_close_standard();
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &children, &held.mask) < 0)
        _exit(1);
    held.signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (held.signals < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(1);
    for (;;) {
        int64_t again_ms = srv_now_ms() + AGAIN_MS, left;

        if (!one_run(&held))
            _exit(0);
        ended_tell(channel);
        while ((left = again_ms - srv_now_ms()) > 0)
            if (watch(control, held.signals, left) == NO_MORE)
                _exit(0);
    }
}
