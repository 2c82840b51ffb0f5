/*
 * c-ares sees one handle for each name server; behind it, each question has a socket.
 */
#define _GNU_SOURCE
#include "server/dns_transport.h"

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

enum { QUERY_MOST = 1024, MIXED_CASE_TRIES = 2, BITS = 32 };

/* A socket to one server, with the questions that were asked over it. */
struct question_socket {
    struct srv_watch watch;
    struct srv_dns_peer *peer;
    struct question_socket *next;
    size_t questions;
};

struct open_question {
    struct open_question *next;
    struct question_socket *socket;
    int64_t until_ms; /* when c-ares has given it up */
    unsigned tries;
    bool case_matters; /* an answer must repeat the case of its letters */
    size_t end;
    unsigned char bits[BITS];
    unsigned char bytes[]; /* head and question, as they were sent last */
};

struct srv_dns_peer {
    struct srv_dns_peer *next;
    struct srv_dns_transport *transport;
    int handle, family;
    struct sockaddr_storage server;
    ares_socklen_t server_size;
    struct question_socket *sockets;
    struct question_socket *current;        /* the one that c-ares reads now */
    struct open_question *questions, **end; /* the oldest first */
};

static struct srv_dns_peer *
peer_find(const struct srv_dns_transport *transport, int handle)
{
    struct srv_dns_peer *peer = transport->first;

    while (peer && peer->handle != handle)
        peer = peer->next;
    return peer;
}

bool
srv_dns_transport_has(const struct srv_dns_transport *transport, int handle)
{
    return peer_find(transport, handle) != NULL;
}

static void
socket_close(struct question_socket *socket)
{
    struct srv_dns_peer *peer = socket->peer;
    struct question_socket **link = &peer->sockets;

    while (*link != socket)
        link = &(*link)->next;
    *link = socket->next;
    if (peer->current == socket)
        peer->current = NULL;
    srv_loop_forget(peer->transport->loop, &socket->watch);
    close(socket->watch.fd);
    peer->transport->budget->used--;
    free(socket);
}

static void
question_remove(struct srv_dns_peer *peer, struct open_question **link)
{
    struct open_question *question = *link;

    *link = question->next;
    if (!question->next)
        peer->end = link;
    if (!--question->socket->questions)
        socket_close(question->socket);
    free(question);
}

static void
on_datagram(struct srv_watch *watch)
{
    struct question_socket *socket = watch->owner;
    struct srv_dns_peer *peer = socket->peer;

    peer->current = socket;
    peer->transport->readable(peer->transport->payload, peer->handle);
    /* peer and socket may be freed now */
}

static bool
socket_watch(struct srv_dns_peer *peer, struct question_socket *opened, int fd)
{
    *opened = (struct question_socket){
        .watch = { .ready = on_datagram, .fd = fd, .owner = opened }, .peer = peer
    };
    return connect(fd, (const struct sockaddr *)&peer->server, peer->server_size) ==
               0 &&
           srv_loop_watch(peer->transport->loop, &opened->watch, SRV_READABLE);
}

/* Opens a socket. The kernel chooses a random port. */
static struct question_socket *
socket_open(struct srv_dns_peer *peer)
{
    struct question_socket *opened = malloc(sizeof(*opened));
    int fd = socket(peer->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error;

    if (opened && fd >= 0 && socket_watch(peer, opened, fd)) {
        opened->next = peer->sockets;
        peer->sockets = opened;
        peer->transport->budget->used++;
        return opened;
    }
    error = opened ? errno : ENOMEM;
    free(opened);
    if (fd >= 0)
        close(fd);
    errno = error;
    return NULL;
}

/* A socket of its own; at the limit, the one with the fewest questions. */
static struct question_socket *
socket_for(struct srv_dns_peer *peer)
{
    const struct srv_dns_budget *budget = peer->transport->budget;
    struct question_socket *found = NULL;

    if (budget->used < budget->most || !peer->sockets)
        found = socket_open(peer);
    if (found)
        return found;
    found = peer->sockets;
    for (struct question_socket *s = peer->sockets; s; s = s->next)
        if (s->questions < found->questions)
            found = s;
    return found;
}

static void
expired_remove(struct srv_dns_peer *peer)
{
    while (peer->questions && peer->questions->until_ms <= srv_now_ms())
        question_remove(peer, &peer->questions);
}

static struct open_question *
question_make(struct srv_dns_peer *peer, const unsigned char *query, size_t end)
{
    struct open_question *question = calloc(1, sizeof(*question) + end);

    if (!question)
        return NULL;
    question->end = end;
    memcpy(question->bytes, query, end);
    question->until_ms = srv_now_ms() + SRV_DNS_TOTAL_MS;
    question->case_matters =
        getrandom(question->bits, sizeof(question->bits), 0) == sizeof(question->bits);
    question->socket = socket_for(peer);
    if (!question->socket) {
        free(question);
        return NULL;
    }
    question->socket->questions++;
    *peer->end = question;
    peer->end = &question->next;
    return question;
}

/* The open question that a query belongs to, new or repeated. NULL with errno set. */
static struct open_question *
question_of(struct srv_dns_peer *peer, const unsigned char *query, size_t end)
{
    expired_remove(peer);
    for (struct open_question *q = peer->questions; q; q = q->next)
        if (q->end == end && memcmp(q->bytes, query, 2) == 0)
            return q;
    return question_make(peer, query, end);
}

static ssize_t
datagram_send(struct srv_dns_peer *peer, const unsigned char *query, size_t size)
{
    unsigned char copy[QUERY_MOST];
    size_t end = srv_dns_question_end(query, size);
    struct open_question *question;

    if (!end || size > sizeof(copy)) {
        errno = EINVAL; /* c-ares makes no such query */
        return -1;
    }
    question = question_of(peer, query, end);
    if (!question)
        return -1;
    memcpy(copy, query, size);
    question->case_matters &= question->tries++ < MIXED_CASE_TRIES;
    if (question->case_matters)
        srv_dns_question_mix_case(copy, end, question->bits);
    memcpy(question->bytes, copy, end);
    return send(question->socket->watch.fd, copy, size, MSG_NOSIGNAL);
}

/* The question that a datagram answers, as a link; NULL for none. */
static struct open_question **
question_answered_by(struct srv_dns_peer *peer, const unsigned char *message,
                     size_t size)
{
    for (struct open_question **link = &peer->questions; *link; link = &(*link)->next)
        if ((*link)->socket == peer->current &&
            srv_dns_question_is_answered((*link)->bytes, (*link)->end, message, size,
                                         (*link)->case_matters))
            return link;
    return NULL;
}

/* The next valid answer on the current socket; other datagrams are skipped. */
static ssize_t
datagram_receive(struct srv_dns_peer *peer, void *buffer, size_t size)
{
    while (peer->current) {
        ssize_t got = recv(peer->current->watch.fd, buffer, size, 0);
        struct open_question **link;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        link = question_answered_by(peer, buffer, (size_t)got);
        if (link) {
            question_remove(peer, link);
            return got;
        }
    }
    errno = EAGAIN;
    return -1;
}

static ares_socket_t
on_socket(int family, int type, int protocol, void *payload)
{
    struct srv_dns_transport *transport = payload;
    int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    struct srv_dns_peer *peer;

    if (fd < 0 || type != SOCK_DGRAM)
        return fd;
    peer = calloc(1, sizeof(*peer));
    if (!peer) {
        close(fd);
        errno = ENOMEM;
        return ARES_SOCKET_BAD;
    }
    *peer = (struct srv_dns_peer){
        .next = transport->first, .transport = transport, .handle = fd, .family = family
    };
    peer->end = &peer->questions;
    transport->first = peer;
    return fd;
}

static int
on_close(ares_socket_t handle, void *payload)
{
    struct srv_dns_transport *transport = payload;
    struct srv_dns_peer *peer = peer_find(transport, handle),
                        **link = &transport->first;

    if (!peer)
        return close(handle);
    while (peer->questions)
        question_remove(peer, &peer->questions);
    while (*link != peer)
        link = &(*link)->next;
    *link = peer->next;
    free(peer);
    return close(handle);
}

static int
on_connect(ares_socket_t handle, const struct sockaddr *server, ares_socklen_t size,
           void *payload)
{
    struct srv_dns_peer *peer = peer_find(payload, handle);

    if (!peer)
        return connect(handle, server, size);
    if (size > sizeof(peer->server)) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&peer->server, server, size);
    peer->server_size = size;
    return 0;
}

static ares_ssize_t
on_receive(ares_socket_t handle, void *buffer, size_t size, int flags,
           struct sockaddr *from, ares_socklen_t *from_size, void *payload)
{
    struct srv_dns_peer *peer = peer_find(payload, handle);
    ssize_t got;

    if (!peer)
        return recv(handle, buffer, size, flags);
    got = datagram_receive(peer, buffer, size);
    if (got < 0 || !from)
        return got;
    memcpy(from, &peer->server,
           *from_size < peer->server_size ? *from_size : peer->server_size);
    *from_size = peer->server_size;
    return got;
}

static ares_ssize_t
on_send(ares_socket_t handle, const struct iovec *parts, int count, void *payload)
{
    struct srv_dns_peer *peer = peer_find(payload, handle);
    struct msghdr message = { .msg_iov = (struct iovec *)parts,
                              .msg_iovlen = (size_t)count };

    if (!peer)
        return sendmsg(handle, &message, MSG_NOSIGNAL);
    return datagram_send(peer, parts[0].iov_base, count == 1 ? parts[0].iov_len : 0);
}

void
srv_dns_transport_begin(struct srv_dns_transport *transport, ares_channel channel)
{
    static const struct ares_socket_functions functions = { .asocket = on_socket,
                                                            .aclose = on_close,
                                                            .aconnect = on_connect,
                                                            .arecvfrom = on_receive,
                                                            .asendv = on_send };

    ares_set_socket_functions(channel, &functions, transport);
}
