/*
 * RFC 1035, as much of it as a resolver of a server asks: PTR of the client's address,
 * and A of names. Time to live is 0. The answer leaves from the address that was asked.
 */
#define _GNU_SOURCE /* struct in_pktinfo, in6_pktinfo */
#include "tools/prove/name_server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/reverse_name.h"
#include "tools/child.h"
#include "tools/prove/endpoint.h"
#include "tools/prove/run.h"

enum { PORT = 53, HEAD = 12, MESSAGE = 512, NAME_TEXT = 256, LABEL_MOST = 63 };
enum { TYPE_A = 1, TYPE_PTR = 12, NO_SUCH_NAME = 3 };

/* A question, and the answer behind it. */
struct message {
    unsigned char bytes[MESSAGE];
    size_t size;
    char name[NAME_TEXT]; /* that is asked for, in lower case */
    unsigned type;
};

static bool
question_read(struct message *m)
{
    size_t at = HEAD, size = 0;

    if (m->size < HEAD || m->bytes[4] || m->bytes[5] != 1 || m->bytes[2] & 0x80)
        return false;
    while (at < m->size && m->bytes[at]) {
        size_t label = m->bytes[at++];

        if (label > LABEL_MOST || at + label >= m->size || size + label + 2 > NAME_TEXT)
            return false;
        if (size)
            m->name[size++] = '.';
        for (size_t i = 0; i < label; i++)
            m->name[size++] = pn_lower((char)m->bytes[at++]);
    }
    m->name[size] = '\0';
    if (at + 5 > m->size)
        return false;
    m->type = (unsigned)m->bytes[at + 1] << 8 | m->bytes[at + 2];
    m->size = at + 5; /* without what extends it */
    return true;
}

/* Labels of a name; 0 when it is none that a server can have. */
static size_t
labels_write(struct pn_str name, unsigned char *out)
{
    size_t size = 0;

    while (name.len) {
        struct pn_str label = pn_str_cut(&name, '.');

        if (!label.len || label.len > LABEL_MOST || size + label.len + 2 > NAME_TEXT)
            return 0;
        out[size++] = (unsigned char)label.len;
        memcpy(out + size, label.ptr, label.len);
        size += label.len;
    }
    out[size++] = 0;
    return size;
}

static void
answer_write(struct message *m, const struct pn_prove_client *client)
{
    static const unsigned char address[] = { 192, 0, 2, 1 };
    unsigned char data[NAME_TEXT], *at = m->bytes + m->size;
    char reverse[NAME_TEXT];
    size_t size = 0;
    bool is_its =
        pn_reverse_name(client->addr.family, client->addr.bytes, "in-addr.arpa",
                        "ip6.arpa", reverse, sizeof(reverse)) &&
        strcmp(reverse, m->name) == 0;

    if (m->type == TYPE_PTR && is_its)
        size = labels_write(client->host, data);
    else if (m->type == TYPE_A)
        memcpy(data, address, size = sizeof(address));
    if (m->type == TYPE_PTR && client->host.len == 0)
        size = 0;
    m->bytes[2] = 0x84 | (m->bytes[2] & 1);
    m->bytes[3] =
        (unsigned char)(0x80 | (m->type == TYPE_PTR && !size ? NO_SUCH_NAME : 0));
    memset(m->bytes + 6, 0, 6);
    if (!size || m->size + 12 + size > MESSAGE)
        return;
    m->bytes[7] = 1;
    memcpy(at,
           (const unsigned char[]){ 0xc0, HEAD, 0, (unsigned char)m->type, 0, 1, 0, 0,
                                    0, 0, 0, (unsigned char)size },
           12);
    memcpy(at + 12, data, size);
    m->size += 12 + size;
}

/* What was received comes back from the address that it came to. */
static void
message_serve(int fd, const struct pn_prove_client *client)
{
    struct sockaddr_storage from;
    union {
        struct cmsghdr head;
        char bytes[128];
    } control;
    struct message m = { .size = 0 };
    struct iovec part = { .iov_base = m.bytes, .iov_len = sizeof(m.bytes) };
    struct msghdr letter = { .msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes) };
    ssize_t got = recvmsg(fd, &letter, 0);

    if (got < 0)
        return;
    m.size = (size_t)got;
    if (!question_read(&m))
        return;
    answer_write(&m, client);
    part.iov_len = m.size;
    (void)sendmsg(fd, &letter, MSG_NOSIGNAL);
}

static int
socket_open(int family)
{
    const struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    const struct sockaddr_in6 six = { .sin6_family = AF_INET6,
                                      .sin6_port = htons(PORT) };
    const bool is_six = family == AF_INET6;
    const struct sockaddr *local =
        is_six ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd >= 0 &&
        (!is_six || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
        setsockopt(fd, is_six ? IPPROTO_IPV6 : IPPROTO_IP,
                   is_six ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on)) == 0 &&
        bind(fd, local, is_six ? sizeof(six) : sizeof(four)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Until it is killed, with who has started it at the latest. */
_Noreturn static void
serve(struct pollfd *sockets, const struct pn_asking *asking, const uint32_t *index)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(1);
    for (;;) {
        if (poll(sockets, 2, -1) < 0 && errno != EINTR)
            _exit(1);
        for (size_t i = 0; i < 2; i++)
            if (sockets[i].revents & POLLIN)
                message_serve(
                    sockets[i].fd,
                    &asking->clients[__atomic_load_n(index, __ATOMIC_SEQ_CST)]);
    }
}

bool
pn_name_server_begin(struct pn_name_server *server, struct pn_asking *asking)
{
    struct pollfd sockets[] = { { .fd = socket_open(AF_INET), .events = POLLIN },
                                { .fd = socket_open(AF_INET6), .events = POLLIN } };
    void *shared = mmap(NULL, sizeof(*server->index), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *server = (struct pn_name_server){ .child = -1 };
    if (shared != MAP_FAILED)
        server->index = shared;
    if (server->index && sockets[0].fd >= 0 && asking->count)
        server->child = (int)fork();
    if (server->child == 0)
        serve(sockets, asking, server->index);
    for (size_t i = 0; i < 2; i++)
        if (sockets[i].fd >= 0)
            close(sockets[i].fd);
    return server->child > 0 || !asking->count ||
           pn_run_fails(asking, "a name server", pn_str_of_text(strerror(errno)));
}

void
pn_name_server_turn(struct pn_name_server *server, size_t index)
{
    if (server->index)
        __atomic_store_n(server->index, (uint32_t)index, __ATOMIC_SEQ_CST);
}

bool
pn_name_server_is_asked(struct pn_name_server *server, const struct pn_asking *asking)
{
    struct sockaddr_storage from;
    char name[NI_MAXHOST];
    socklen_t size;
    size_t index = 0;

    while (index < asking->count && !asking->clients[index].host.len)
        index++;
    if (index == asking->count)
        return true; /* there is nothing to ask */
    pn_name_server_turn(server, index);
    size = pn_prove_endpoint(&asking->clients[index].addr, 0, &from);
    return getnameinfo((const struct sockaddr *)&from, size, name, sizeof(name), NULL,
                       0, NI_NAMEREQD) == 0 &&
           pn_str_is(asking->clients[index].host, name);
}

void
pn_name_server_end(struct pn_name_server *server)
{
    if (server->child > 0)
        (void)pn_child_end(server->child, true);
    if (server->index)
        (void)munmap(server->index, sizeof(*server->index));
}
