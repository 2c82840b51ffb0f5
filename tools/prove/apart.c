/*
 * A user namespace makes the others possible without rights: in a network namespace
 * every address can be a client's, and with the first process of a PID namespace all
 * others end. See namespaces(7), user_namespaces(7), rtnetlink(7).
 */
#define _GNU_SOURCE
#include "tools/prove/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"

enum { NOBODY = 65534, CHUNK = 4096, SAID_MOST = 1 << 16 };
enum { LEFT_BY_ERROR = 100 }; /* the status behind which errno is written */

void
pn_apart_user(uid_t *user, gid_t *group)
{
    *user = geteuid() == 0 ? NOBODY : geteuid();
    *group = geteuid() == 0 ? NOBODY : getegid();
}

static bool
text_write(const char *path, const char *text)
{
    int fd = pn_files_open(path, O_WRONLY | O_CLOEXEC, 0);
    size_t size = strlen(text);
    bool done = fd >= 0 && write(fd, text, size) == (ssize_t)size;

    if (fd >= 0)
        close(fd);
    return done;
}

/* Who it is outside is `inside` in there. */
static bool
ids_map(uid_t user, gid_t group, bool as_owner)
{
    char users[64], groups[64];

    (void)snprintf(users, sizeof(users), "%u %u 1", as_owner ? 0U : (unsigned)user,
                   (unsigned)user);
    (void)snprintf(groups, sizeof(groups), "%u %u 1", as_owner ? 0U : (unsigned)group,
                   (unsigned)group);
    return text_write("/proc/self/setgroups", "deny") &&
           text_write("/proc/self/uid_map", users) &&
           text_write("/proc/self/gid_map", groups);
}

static bool
rights_drop(const struct pn_apart *apart)
{
    gid_t group;
    uid_t user;

    pn_apart_user(&user, &group);
    if (geteuid() == 0 &&
        (setgroups(0, NULL) < 0 || setresgid(group, group, group) < 0 ||
         setresuid(user, user, user) < 0))
        return false;
    /* else /proc/self belongs to root, and no ids can be mapped */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return false;
    if (!apart->network)
        return true; /* what it starts is waited for, one by one */
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) < 0)
        return false;
    return ids_map(user, group, apart->as_owner);
}

/* A route that makes every address of a family this machine's. */
static bool
route_add(int fd, unsigned char family, unsigned link)
{
    struct {
        struct nlmsghdr head;
        struct rtmsg route;
        struct rtattr attribute;
        unsigned link;
    } ask = {
        .head = { .nlmsg_len = sizeof(ask),
                  .nlmsg_type = RTM_NEWROUTE,
                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK },
        .route = { .rtm_family = family,
                   .rtm_table = RT_TABLE_LOCAL,
                   .rtm_protocol = RTPROT_BOOT,
                   .rtm_scope = RT_SCOPE_HOST,
                   .rtm_type = RTN_LOCAL },
        .attribute = { .rta_len = RTA_LENGTH(sizeof(unsigned)), .rta_type = RTA_OIF },
        .link = link,
    };
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char rest[256];
    } answer;

    if (send(fd, &ask, sizeof(ask), 0) != (ssize_t)sizeof(ask) ||
        recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer.head))
        return false;
    errno = answer.head.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
    return errno == 0;
}

static bool
network_make(void)
{
    struct ifreq link = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int plain = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int routes = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    unsigned lo = if_nametoindex("lo");
    bool made = plain >= 0 && routes >= 0 && lo &&
                ioctl(plain, SIOCSIFFLAGS, &link) == 0 &&
                route_add(routes, AF_INET, lo);

    if (made && !route_add(routes, AF_INET6, lo))
        made = errno == EAFNOSUPPORT || errno == EOPNOTSUPP; /* there is no IPv6 */
    if (plain >= 0)
        close(plain);
    if (routes >= 0)
        close(routes);
    return made;
}

/* The first process in there. */
_Noreturn static void
inside(const struct pn_apart *apart, int out)
{
    int status = LEFT_BY_ERROR;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && (!apart->network || network_make()))
        status = apart->work(apart->payload, out);
    else if (write(out, &errno, sizeof(errno)) < 0)
        status = LEFT_BY_ERROR;
    _exit(status);
}

_Noreturn static void
outside(const struct pn_apart *apart, int out)
{
    int status = -1;
    pid_t child = -1;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && rights_drop(apart))
        child = fork();
    if (child == 0)
        inside(apart, out);
    if (child < 0) {
        if (write(out, &errno, sizeof(errno)) < 0)
            _exit(LEFT_BY_ERROR);
        _exit(LEFT_BY_ERROR);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : LEFT_BY_ERROR + 1);
}

static void
gather(int fd, struct pn_buffer *said)
{
    char piece[CHUNK];
    ssize_t got;

    while ((got = read(fd, piece, sizeof(piece))) > 0 || (got < 0 && errno == EINTR))
        if (got > 0 && said->size < SAID_MOST)
            pn_buffer_add(said, piece, (size_t)got);
}

int
pn_apart_run(const struct pn_apart *apart, struct pn_buffer *said)
{
    int ends[2], status = 0;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    child = fork();
    if (child == 0) {
        close(ends[0]);
        outside(apart, ends[1]);
    }
    close(ends[1]);
    if (child > 0)
        gather(ends[0], said);
    close(ends[0]);
    if (child < 0)
        return -1;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) < LEFT_BY_ERROR)
        return WEXITSTATUS(status);
    errno = ECHILD;
    if (WIFEXITED(status) && WEXITSTATUS(status) == LEFT_BY_ERROR &&
        said->size == sizeof(errno))
        memcpy(&errno, said->bytes, sizeof(errno));
    return -1;
}
