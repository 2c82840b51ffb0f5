/* What c-ares takes for one socket of a server is a handle: questions have their own.
 */
#define _GNU_SOURCE
#include "server/dns_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/dns_question.h"
#include "server/resolver.h"

enum { QUERY_MOST = 1024, PLAYED_TRIES = 2, BITS = 32 };

/* A socket to one server, with the questions that were asked over it. */
struct line_socket {
    struct srv_watch source;
    struct srv_dns_line *line;
    struct line_socket *next;
    size_t questions;
};

struct line_question {
    struct line_question *next;
    struct line_socket *socket;
    int64_t until_ms; /* when nobody waits for it any more */
    unsigned tries;
    bool exact; /* an answer repeats it letter by letter */
    size_t end;
    unsigned char bits[BITS];
    unsigned char bytes[]; /* head and question, as they were sent last */
};

struct srv_dns_line {
    struct srv_dns_line *next;
    struct srv_dns_lines *lines;
    int handle, family;
    struct sockaddr_storage server;
    ares_socklen_t server_size;
    struct line_socket *sockets;
    struct line_socket *current;            /* the one that c-ares reads now */
    struct line_question *questions, **end; /* the oldest first */
};

static struct srv_dns_line *
line_find(const struct srv_dns_lines *lines, int handle)
{
    struct srv_dns_line *line = lines->first;

    while (line && line->handle != handle)
        line = line->next;
    return line;
}

bool
srv_dns_lines_have(const struct srv_dns_lines *lines, int handle)
{
    return line_find(lines, handle) != NULL;
}

static void
socket_close(struct line_socket *socket)
{
    struct srv_dns_line *line = socket->line;
    struct line_socket **link = &line->sockets;

    while (*link != socket)
        link = &(*link)->next;
    *link = socket->next;
    if (line->current == socket)
        line->current = NULL;
    srv_loop_forget(line->lines->loop, &socket->source);
    close(socket->source.fd);
    line->lines->budget->used--;
    free(socket);
}

static void
question_forget(struct srv_dns_line *line, struct line_question **link)
{
    struct line_question *question = *link;

    *link = question->next;
    if (!question->next)
        line->end = link;
    if (!--question->socket->questions)
        socket_close(question->socket);
    free(question);
}

static void
on_datagram(struct srv_watch *source)
{
    struct line_socket *socket = source->owner;
    struct srv_dns_line *line = socket->line;

    line->current = socket;
    line->lines->readable(line->lines->payload, line->handle);
    /* neither may be there any more: whoever is read next says so anew */
}

static bool
socket_watch(struct srv_dns_line *line, struct line_socket *opened, int fd)
{
    *opened = (struct line_socket){
        .source = { .ready = on_datagram, .fd = fd, .owner = opened }, .line = line
    };
    return connect(fd, (const struct sockaddr *)&line->server, line->server_size) ==
               0 &&
           srv_loop_watch(line->lines->loop, &opened->source, SRV_READABLE);
}

/* A new one, from a port of the kernel's choice, which is a random one. */
static struct line_socket *
socket_open(struct srv_dns_line *line)
{
    struct line_socket *opened = malloc(sizeof(*opened));
    int fd = socket(line->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error;

    if (opened && fd >= 0 && socket_watch(line, opened, fd)) {
        opened->next = line->sockets;
        line->sockets = opened;
        line->lines->budget->used++;
        return opened;
    }
    error = opened ? errno : ENOMEM;
    free(opened);
    if (fd >= 0)
        close(fd);
    errno = error;
    return NULL;
}

/* One of its own, or where there are too many the least busy one. */
static struct line_socket *
socket_for(struct srv_dns_line *line)
{
    const struct srv_dns_budget *budget = line->lines->budget;
    struct line_socket *found = NULL;

    if (budget->used < budget->most || !line->sockets)
        found = socket_open(line);
    if (found)
        return found;
    found = line->sockets;
    for (struct line_socket *s = line->sockets; s; s = s->next)
        if (s->questions < found->questions)
            found = s;
    return found;
}

static void
forget_old(struct srv_dns_line *line)
{
    while (line->questions && line->questions->until_ms <= srv_now_ms())
        question_forget(line, &line->questions);
}

static struct line_question *
question_make(struct srv_dns_line *line, const unsigned char *query, size_t end)
{
    struct line_question *question = calloc(1, sizeof(*question) + end);

    if (!question)
        return NULL;
    question->end = end;
    memcpy(question->bytes, query, end);
    question->until_ms = srv_now_ms() + SRV_DNS_TOTAL_MS;
    question->exact =
        getrandom(question->bits, sizeof(question->bits), 0) == sizeof(question->bits);
    question->socket = socket_for(line);
    if (!question->socket) {
        free(question);
        return NULL;
    }
    question->socket->questions++;
    *line->end = question;
    line->end = &question->next;
    return question;
}

/* The question that a query asks, perhaps not for the first time; NULL: errno. */
static struct line_question *
question_of(struct srv_dns_line *line, const unsigned char *query, size_t end)
{
    forget_old(line);
    for (struct line_question *q = line->questions; q; q = q->next)
        if (q->end == end && memcmp(q->bytes, query, 2) == 0)
            return q;
    return question_make(line, query, end);
}

static ssize_t
datagram_send(struct srv_dns_line *line, const unsigned char *query, size_t size)
{
    unsigned char copy[QUERY_MOST];
    size_t end = srv_dns_question_end(query, size);
    struct line_question *question;

    if (!end || size > sizeof(copy)) {
        errno = EINVAL; /* c-ares makes no such query */
        return -1;
    }
    question = question_of(line, query, end);
    if (!question)
        return -1;
    memcpy(copy, query, size);
    question->exact &= question->tries++ < PLAYED_TRIES;
    if (question->exact)
        srv_dns_question_play(copy, end, question->bits);
    memcpy(question->bytes, copy, end);
    return send(question->socket->source.fd, copy, size, MSG_NOSIGNAL);
}

/* The question that a datagram answers, as a link; NULL for none. */
static struct line_question **
answered(struct srv_dns_line *line, const unsigned char *message, size_t size)
{
    for (struct line_question **link = &line->questions; *link; link = &(*link)->next)
        if ((*link)->socket == line->current &&
            srv_dns_question_is_answered((*link)->bytes, (*link)->end, message, size,
                                         (*link)->exact))
            return link;
    return NULL;
}

/* The next answer of the socket at hand; what else comes there is passed over. */
static ssize_t
datagram_take(struct srv_dns_line *line, void *buffer, size_t size)
{
    while (line->current) {
        ssize_t got = recv(line->current->source.fd, buffer, size, 0);
        struct line_question **link;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        link = answered(line, buffer, (size_t)got);
        if (link) {
            question_forget(line, link);
            return got;
        }
    }
    errno = EAGAIN;
    return -1;
}

static ares_socket_t
on_socket(int family, int type, int protocol, void *payload)
{
    struct srv_dns_lines *lines = payload;
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    struct srv_dns_line *line;

    if (fd < 0 || type != SOCK_DGRAM)
        return fd;
    line = calloc(1, sizeof(*line));
    if (!line) {
        close(fd);
        errno = ENOMEM;
        return ARES_SOCKET_BAD;
    }
    *line = (struct srv_dns_line){
        .next = lines->first, .lines = lines, .handle = fd, .family = family
    };
    line->end = &line->questions;
    lines->first = line;
    return fd;
}

static int
on_close(ares_socket_t handle, void *payload)
{
    struct srv_dns_lines *lines = payload;
    struct srv_dns_line *line = line_find(lines, handle), **link = &lines->first;

    if (!line)
        return close(handle);
    while (line->questions)
        question_forget(line, &line->questions);
    while (*link != line)
        link = &(*link)->next;
    *link = line->next;
    free(line);
    return close(handle);
}

static int
on_connect(ares_socket_t handle, const struct sockaddr *server, ares_socklen_t size,
           void *payload)
{
    struct srv_dns_line *line = line_find(payload, handle);

    if (!line)
        return connect(handle, server, size);
    if (size > sizeof(line->server)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&line->server, server, size);
    line->server_size = size;
    return 0;
}

static ares_ssize_t
on_receive(ares_socket_t handle, void *buffer, size_t size, int flags,
           struct sockaddr *from, ares_socklen_t *from_size, void *payload)
{
    struct srv_dns_line *line = line_find(payload, handle);
    ssize_t got;

    if (!line)
        return recv(handle, buffer, size, flags);
    got = datagram_take(line, buffer, size);
    if (got < 0 || !from)
        return got;
    memcpy(from, &line->server,
           *from_size < line->server_size ? *from_size : line->server_size);
    *from_size = line->server_size;
    return got;
}

static ares_ssize_t
on_send(ares_socket_t handle, const struct iovec *parts, int count, void *payload)
{
    struct srv_dns_line *line = line_find(payload, handle);
    struct msghdr message = { .msg_iov = (struct iovec *)parts,
                              .msg_iovlen = (size_t)count };

    if (!line)
        return sendmsg(handle, &message, MSG_NOSIGNAL);
    return datagram_send(line, parts[0].iov_base, count == 1 ? parts[0].iov_len : 0);
}

void
srv_dns_lines_begin(struct srv_dns_lines *lines, ares_channel channel)
{
    static const struct ares_socket_functions functions = { .asocket = on_socket,
                                                            .aclose = on_close,
                                                            .aconnect = on_connect,
                                                            .arecvfrom = on_receive,
                                                            .asendv = on_send };

    ares_set_socket_functions(channel, &functions, lines);
}
