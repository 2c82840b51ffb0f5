/* c-ares, driven by the event loop. */
#define _DEFAULT_SOURCE
#include "server/resolver.h"

#include <ares.h>
#include <ares_dns.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "server/dns_transport.h"
#include "server/endpoint.h"
#include "server/resolver_memory.h"

enum { FIRST_TRY_MS = 1000, TRIES = 4, OWN_SOCKETS = 16 };

/* One socket of c-ares. */
struct channel_socket {
    struct srv_watch watch;
    struct srv_resolver *resolver;
    struct channel_socket *next;
};

struct srv_resolver {
    struct srv_timer timer;
    struct srv_loop *loop;
    ares_channel channel;
    struct channel_socket *sockets; /* not those for UDP, which `transport` has */
    struct srv_dns_transport transport;
    struct srv_dns_budget own;
    size_t users;
    bool from_file; /* the name servers are those of the file, as it was: */
    struct timespec file_changed;
};

struct srv_question {
    srv_dns_fn done; /* NULL once it was dropped */
    void *payload;
    struct srv_question *
        *place; /* the caller's pointer to it, set to NULL once it is answered */
};

static void
timer_plan(struct srv_resolver *resolver)
{
    struct timeval longest = { .tv_sec = 60 }, left;
    const struct timeval *next = ares_timeout(resolver->channel, &longest, &left);

    /* without memory for it the sockets alone drive what is under way */
    (void)srv_loop_set(resolver->loop, &resolver->timer,
                       srv_loop_now(resolver->loop) + next->tv_sec * 1000 +
                           next->tv_usec / 1000 + 1);
}

static void
on_timer(struct srv_timer *timer)
{
    struct srv_resolver *resolver = timer->owner;

    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    timer_plan(resolver);
}

static void
on_socket(struct srv_watch *watch)
{
    struct channel_socket *socket = watch->owner;
    struct srv_resolver *resolver = socket->resolver;

    /* both ways: c-ares finds out by itself which of them is ready */
    ares_process_fd(resolver->channel, socket->watch.fd, socket->watch.fd);
    timer_plan(resolver);
}

static void
on_datagram(void *payload, int handle)
{
    struct srv_resolver *resolver = payload;

    ares_process_fd(resolver->channel, handle, ARES_SOCKET_BAD);
    timer_plan(resolver);
}

static struct channel_socket **
socket_find(struct srv_resolver *resolver, int fd)
{
    struct channel_socket **link = &resolver->sockets;

    while (*link && (*link)->watch.fd != fd)
        link = &(*link)->next;
    return link;
}

static void
socket_drop(struct srv_resolver *resolver, struct channel_socket **link)
{
    struct channel_socket *socket = *link;

    if (!socket)
        return;
    *link = socket->next;
    srv_loop_forget(resolver->loop, &socket->watch);
    free(socket);
}

/* c-ares says what it waits for on which socket; neither is before it closes one. */
static void
on_state(void *payload, ares_socket_t fd, int readable, int writable)
{
    struct srv_resolver *resolver = payload;
    struct channel_socket **link = socket_find(resolver, fd), *socket = *link;
    unsigned interest = (readable ? SRV_READABLE : 0u) | (writable ? SRV_WRITABLE : 0u);

    if (srv_dns_transport_has(&resolver->transport, fd))
        return;
    if (!interest) {
        socket_drop(resolver, link);
        return;
    }
    if (!socket) {
        socket = calloc(1, sizeof(*socket));
        if (!socket)
            return; /* the question times out */
        socket->watch =
            (struct srv_watch){ .ready = on_socket, .fd = fd, .owner = socket };
        socket->resolver = resolver;
        socket->next = resolver->sockets;
        resolver->sockets = socket;
    }
    (void)srv_loop_watch(resolver->loop, &socket->watch, interest); /* likewise */
}

/* "10.0.0.1 10.0.0.2" as "10.0.0.1,10.0.0.2". */
static bool
servers_set(ares_channel channel, const char *addresses)
{
    char *list = strdup(addresses);
    int status;

    if (!list)
        return false;
    for (char *c = list; *c; c++)
        if (strchr(" \t;", *c))
            *c = ',';
    status = ares_set_servers_csv(channel, list);
    free(list);
    return status == ARES_SUCCESS;
}

/* When the file was changed last; zero when there is none. */
static struct timespec
file_change(void)
{
    struct stat st;

    return stat("/etc/resolv.conf", &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
}

bool
srv_resolver_is_stale(const struct srv_resolver *resolver)
{
    struct timespec now;

    if (!resolver->from_file)
        return false;
    now = file_change();
    return now.tv_sec != resolver->file_changed.tv_sec ||
           now.tv_nsec != resolver->file_changed.tv_nsec;
}

struct srv_resolver *
srv_resolver_new_of(struct srv_loop *loop, const char *dnscacheip,
                    struct srv_dns_budget *budget, const char *lookups)
{
    struct srv_resolver *resolver = calloc(1, sizeof(*resolver));
    struct ares_options options = { .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                                    .timeout = FIRST_TRY_MS,
                                    .tries = TRIES,
                                    .sock_state_cb = on_state,
                                    .sock_state_cb_data = resolver };
    const int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                      ARES_OPT_SOCK_STATE_CB | (lookups ? ARES_OPT_LOOKUPS : 0);
    char only[2] = { lookups ? *lookups : '\0' };

    if (!resolver || !srv_resolver_memory_init()) {
        free(resolver);
        errno = ENOMEM;
        return NULL;
    }
    resolver->loop = loop;
    resolver->timer = (struct srv_timer){ .fire = on_timer, .owner = resolver };
    resolver->from_file = !dnscacheip || !*dnscacheip;
    resolver->file_changed = file_change();
    options.lookups = only; /* which is copied */
    if (ares_init_options(&resolver->channel, &options, given) != ARES_SUCCESS) {
        free(resolver);
        errno = ENOMEM; /* a file that cannot be read is none to c-ares */
        return NULL;
    }
    resolver->own.most = OWN_SOCKETS;
    resolver->transport =
        (struct srv_dns_transport){ .loop = loop,
                                    .budget = budget ? budget : &resolver->own,
                                    .readable = on_datagram,
                                    .payload = resolver };
    srv_dns_transport_begin(&resolver->transport, resolver->channel);
    if (dnscacheip && *dnscacheip && !servers_set(resolver->channel, dnscacheip)) {
        srv_resolver_free(resolver);
        errno = EINVAL;
        return NULL;
    }
    return resolver;
}

struct srv_resolver *
srv_resolver_new(struct srv_loop *loop, const char *dnscacheip,
                 struct srv_dns_budget *budget)
{
    return srv_resolver_new_of(loop, dnscacheip, budget, NULL);
}

void
srv_resolver_free(struct srv_resolver *resolver)
{
    if (!resolver)
        return;
    ares_destroy(resolver->channel); /* calls back whoever still waits: FAILED */
    srv_loop_unset(resolver->loop, &resolver->timer);
    while (resolver->sockets)
        socket_drop(resolver, &resolver->sockets);
    free(resolver);
}

void
srv_resolver_use(struct srv_resolver *resolver)
{
    resolver->users++;
}

void
srv_resolver_release(struct srv_resolver *resolver)
{
    if (resolver)
        resolver->users--;
}

size_t
srv_resolver_users(const struct srv_resolver *resolver)
{
    return resolver->users;
}

static enum srv_dns_outcome
outcome_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return SRV_DNS_FOUND;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
        return SRV_DNS_NONE;
    default:
        return SRV_DNS_FAILED;
    }
}

static void
on_answer(void *payload, int status, int timeouts, unsigned char *message, int size)
{
    struct srv_question *question = payload;
    struct srv_dns_answer answer = { .outcome = outcome_of(status) };

    (void)timeouts;
    if (answer.outcome == SRV_DNS_FOUND && message && size > 0) {
        answer.message = message;
        answer.size = (size_t)size;
    } else if (answer.outcome == SRV_DNS_FOUND) {
        answer.outcome = SRV_DNS_FAILED;
    }
    if (question->place)
        *question->place = NULL;
    if (question->done)
        question->done(question->payload, &answer);
    free(question);
}

void
srv_resolver_ask(struct srv_resolver *resolver, const char *name,
                 enum srv_dns_type type, srv_dns_fn done, void *payload,
                 struct srv_question **out)
{
    struct srv_question *question = calloc(1, sizeof(*question));
    static const struct srv_dns_answer failed = { .outcome = SRV_DNS_FAILED };

    *out = NULL;
    if (!question) {
        done(payload, &failed);
        return;
    }
    *question = (struct srv_question){ done, payload, out };
    *out = question;
    ares_query(resolver->channel, name, ns_c_in, (int)type, on_answer, question);
    timer_plan(resolver);
}

void
srv_question_cancel(struct srv_question *question)
{
    if (!question)
        return;
    question->done = NULL;
    question->place = NULL;
}

struct search {
    srv_addresses_fn done;
    void *payload;
    size_t count;
    struct postern_addr found[SRV_RESOLVER_ADDRESSES];
};

/* In the order of RFC 6724, which c-ares puts them into. */
static void
collect(struct search *search, const struct ares_addrinfo_node *node)
{
    for (; node && search->count < SRV_RESOLVER_ADDRESSES; node = node->ai_next) {
        struct sockaddr_storage address;
        struct srv_endpoint end;

        if (node->ai_addrlen > sizeof(address))
            continue;
        memset(&address, 0, sizeof(address));
        memcpy(&address, node->ai_addr, node->ai_addrlen);
        if (srv_endpoint_from(&address, &end))
            search->found[search->count++] = end.addr;
    }
}

/* Without a name server, a name has no address: so says the original. */
static void
on_addresses(void *payload, int status, int timeouts, struct ares_addrinfo *result)
{
    struct search *search = payload;
    enum srv_dns_outcome outcome =
        status == ARES_EBADNAME || status == ARES_ECONNREFUSED ? SRV_DNS_NONE
                                                               : outcome_of(status);

    (void)timeouts;
    if (result) {
        collect(search, result->nodes);
        ares_freeaddrinfo(result);
    }
    if (outcome == SRV_DNS_FOUND && !search->count)
        outcome = SRV_DNS_NONE;
    search->done(search->payload, outcome, search->found, search->count);
    free(search);
}

void
srv_resolver_addresses(struct srv_resolver *resolver, const char *host, bool ipv4_only,
                       srv_addresses_fn done, void *payload)
{
    struct ares_addrinfo_hints hints = { .ai_family = ipv4_only ? AF_INET : AF_UNSPEC,
                                         .ai_socktype = SOCK_STREAM };
    struct search *search = calloc(1, sizeof(*search));

    if (!search) {
        done(payload, SRV_DNS_FAILED, NULL, 0);
        return;
    }
    search->done = done;
    search->payload = payload;
    ares_getaddrinfo(resolver->channel, host, NULL, &hints, on_addresses, search);
    timer_plan(resolver);
}
