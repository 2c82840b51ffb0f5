/*
 * server [-n NAMESERVER] CDB ADDRESS:PORT: a server on libevent that serves whom
 * compiled rules allow. It greets them with the variables that the rules set, and then
 * says what they say. What is worth copying:
 *
 * - Whom no host name could help is refused before anything is looked up.
 * - A host name counts when its own addresses have the client's among them.
 * - Whatever fails, denies.
 * - The rules are those of the file as it is now, and held for a decision only.
 * - Nobody has a place for longer than a time that is known before.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <postern/postern.h>

#include "names.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 500, OUTPUT_MAX = 64 * 1024 };
enum { LOOK_UP_S = 5, REFUSAL_S = 5, SILENCE_S = 30, SESSION_S = 600 };
enum { RULES_MS = 1000, PAUSE_MS = 100 };

struct server {
    struct event_base *base;
    struct name_resolver names;
    struct evconnlistener *listener;
    struct postern_watch *watch;
    struct event *rules_timer, *pause_timer;
    unsigned clients;
};

struct client {
    struct server *server;
    struct bufferevent *stream;
    struct event *session; /* when it has been served for long enough */
    struct postern_addr remote;
    char remote_text[POSTERN_ADDR_TEXT_SIZE];
};

enum answer { REFUSE, SERVE, LOOK_UP };

static struct timeval
after_ms(long ms)
{
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

    return time;
}

static void
complain(const char *what, enum postern_status status)
{
    fprintf(stderr, "server: %s: %s\n", what,
            status == POSTERN_E_IO ? strerror(errno) : postern_status_text(status));
}

/* ---- The rules. */

/*
 * Adds the variables of a decision, each as a line. They are the author's, but one with
 * a line feed in it would look like two.
 */
static bool
add_environment(struct evbuffer *out, struct postern_env_iter assignments)
{
    struct postern_env env;

    while (postern_env_next(&assignments, &env))
        if (env.value.ptr && !strpbrk(env.assignment, "\r\n") &&
            evbuffer_add_printf(out, "%s\r\n", env.assignment) < 0)
            return false;
    return true;
}

/* What a decision comes to; what there is to say goes to `out`. */
static enum answer
answer_of(const struct postern_decision *decision, struct evbuffer *out)
{
    if (decision->verdict != POSTERN_ALLOW) {
        if (decision->reject.ptr)
            (void)evbuffer_add(out, decision->reject.ptr, decision->reject.len);
        return REFUSE; /* with its text where memory can be had for it */
    }
    if (decision->limit.n || decision->rate.n) {
        /* a rule that asks for more than this server does is not obeyed by half */
        fprintf(stderr, "server: a rule with a limit or a rate: denied\n");
        return REFUSE;
    }
    if (evbuffer_add_printf(out, "hello\r\n") < 0 ||
        !add_environment(out, decision->env)) {
        evbuffer_drain(out, evbuffer_get_length(out));
        return REFUSE;
    }
    return SERVE;
}

/*
 * Asks the rules of this moment, with a name where there is one. What they say is
 * copied before they are given back.
 */
static enum answer
ask(const struct client *client, const char *name, bool looked_up, struct evbuffer *out)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    const struct postern_rules *rules;
    enum answer answer = REFUSE;
    uint32_t needs;
    enum postern_status status = postern_watch_acquire(client->server->watch, &rules);

    if (status != POSTERN_OK) {
        complain("rules", status);
        return REFUSE;
    }
    query.remote = client->remote;
    if (name)
        query.host = (struct postern_str){ name, strlen(name) };
    status = postern_rules_needs(rules, &query.remote, &needs);
    if (status == POSTERN_OK && needs & POSTERN_NEEDS_HOST && !looked_up)
        answer = LOOK_UP;
    else if (status == POSTERN_OK)
        status = postern_rules_decide(rules, &query, &decision);
    if (status != POSTERN_OK)
        complain("decision", status);
    else if (answer != LOOK_UP)
        answer = answer_of(&decision, out);
    postern_watch_release(client->server->watch, rules);
    return answer;
}

/*
 * Reads rules that have been replaced before a client has to wait for it, and says what
 * is wrong with them before one finds out.
 */
static void
on_rules_timer(evutil_socket_t fd, short what, void *argument)
{
    struct server *server = argument;
    const struct postern_rules *rules;
    struct timeval next;
    int64_t due;

    (void)fd;
    (void)what;
    if (postern_watch_changed(server->watch)) {
        enum postern_status status = postern_watch_acquire(server->watch, &rules);

        if (status == POSTERN_OK)
            postern_watch_release(server->watch, rules);
        else
            complain("rules", status);
    }
    due = postern_watch_due_ms(server->watch);
    next = after_ms(due >= 0 && due < RULES_MS ? (long)due : RULES_MS);
    event_add(server->rules_timer, &next);
}

/* ---- A client. */

static void
client_free(struct client *client)
{
    struct server *server = client->server;

    bufferevent_free(client->stream); /* and its socket */
    if (client->session)
        event_free(client->session);
    free(client);
    if (server->clients-- == CLIENTS_MAX)
        evconnlistener_enable(server->listener);
}

/* The client has said something: it is told the same, as long as it listens. */
static void
on_read(struct bufferevent *stream, void *argument)
{
    struct evbuffer *out = bufferevent_get_output(stream);

    (void)argument;
    evbuffer_add_buffer(out, bufferevent_get_input(stream));
    if (evbuffer_get_length(out) > OUTPUT_MAX)
        bufferevent_disable(stream, EV_READ);
}

static void
on_written(struct bufferevent *stream, void *argument)
{
    (void)argument;
    bufferevent_enable(stream, EV_READ);
}

static void
on_last_written(struct bufferevent *stream, void *argument)
{
    (void)stream;
    client_free(argument);
}

/* The end of the stream, an error, or a silence that was too long. */
static void
on_end(struct bufferevent *stream, short what, void *argument)
{
    if (!(what & BEV_EVENT_EOF) ||
        evbuffer_get_length(bufferevent_get_output(stream)) == 0) {
        client_free(argument);
        return;
    }
    bufferevent_disable(stream, EV_READ);
    bufferevent_setcb(stream, NULL, on_last_written, on_end, argument);
}

/* Who is refused with a text is read from until it goes: else closing may destroy it.
 */
static void
on_refused_read(struct bufferevent *stream, void *argument)
{
    struct evbuffer *in = bufferevent_get_input(stream);

    (void)argument;
    evbuffer_drain(in, evbuffer_get_length(in));
}

static void
on_refusal_written(struct bufferevent *stream, void *argument)
{
    (void)argument;
    shutdown(bufferevent_getfd(stream), SHUT_WR);
}

/* Says what there is to say. */
static void
client_answer(struct client *client, enum answer answer, struct evbuffer *out)
{
    bool serve = answer == SERVE;
    struct timeval session = after_ms((serve ? SESSION_S : REFUSAL_S) * 1000L);
    struct timeval silence = after_ms(SILENCE_S * 1000L);

    printf("%s %s\n", serve ? "allow" : "deny", client->remote_text);
    if (evbuffer_get_length(out) == 0) {
        client_free(client);
        return;
    }
    bufferevent_setcb(client->stream, serve ? on_read : on_refused_read,
                      serve ? on_written : on_refusal_written, on_end, client);
    bufferevent_set_timeouts(client->stream, &silence, &silence);
    if (event_add(client->session, &session) != 0 ||
        bufferevent_write_buffer(client->stream, out) != 0 ||
        bufferevent_enable(client->stream, EV_READ | EV_WRITE) != 0)
        client_free(client);
}

/* Decides with what is known by now. */
static void
on_name(const char *name, void *argument)
{
    struct client *client = argument;
    struct evbuffer *out = evbuffer_new();

    if (!out) {
        client_free(client);
        return;
    }
    client_answer(client, ask(client, name, true, out), out);
    evbuffer_free(out);
}

static void
on_session_over(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    client_free(argument);
}

/* ---- Arrivals. */

/* The address as text is read by libpostern, to which ::ffff:192.0.2.1 is 192.0.2.1. */
static bool
remote_take(struct client *client, struct sockaddr *from)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    const void *bytes = from->sa_family == AF_INET6
                            ? (const void *)&((struct sockaddr_in6 *)from)->sin6_addr
                            : (const void *)&((struct sockaddr_in *)from)->sin_addr;

    if (!evutil_inet_ntop(from->sa_family, bytes, text, sizeof(text)) ||
        !postern_addr_parse(text, strlen(text), &client->remote))
        return false;
    postern_addr_print(&client->remote, client->remote_text);
    return true;
}

/* Takes the socket, also where it fails. */
static struct client *
client_new(struct server *server, evutil_socket_t fd, struct sockaddr *from)
{
    struct client *client = calloc(1, sizeof(*client));
    struct bufferevent *stream =
        client ? bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE) : NULL;

    if (!stream) {
        evutil_closesocket(fd);
        free(client);
        return NULL;
    }
    client->server = server;
    client->stream = stream;
    if (++server->clients == CLIENTS_MAX)
        evconnlistener_disable(server->listener);
    client->session = evtimer_new(server->base, on_session_over, client);
    if (!client->session || !remote_take(client, from)) {
        client_free(client);
        return NULL;
    }
    return client;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
          int size, void *argument)
{
    struct server *server = argument;
    struct client *client = client_new(server, fd, from);
    struct evbuffer *out = client ? evbuffer_new() : NULL;
    enum answer answer;

    (void)listener;
    (void)size;
    if (!out) {
        if (client)
            client_free(client);
        return;
    }
    answer = ask(client, NULL, false, out);
    if (answer != LOOK_UP)
        client_answer(client, answer, out);
    else if (!name_look_up(&server->names, &client->remote, on_name, client))
        on_name(NULL, client);
    evbuffer_free(out);
}

/* No descriptors, mostly: they come back when clients go. */
static void
on_accept_error(struct evconnlistener *listener, void *argument)
{
    struct server *server = argument;
    struct timeval pause = after_ms(PAUSE_MS);

    fprintf(stderr, "server: accept: %s\n", strerror(errno));
    if (event_add(server->pause_timer, &pause) == 0)
        evconnlistener_disable(listener);
}

static void
on_pause_over(evutil_socket_t fd, short what, void *argument)
{
    struct server *server = argument;

    (void)fd;
    (void)what;
    if (server->clients < CLIENTS_MAX)
        evconnlistener_enable(server->listener);
}

static void
on_terminate(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(argument);
}

/* ---- The start. */

static bool
resolver_open(struct server *server, const char *nameserver)
{
    struct evdns_base *dns = evdns_base_new(
        server->base, nameserver ? 0 : EVDNS_BASE_INITIALIZE_NAMESERVERS);

    server->names = (struct name_resolver){ .base = server->base,
                                            .dns = dns,
                                            .most = after_ms(LOOK_UP_S * 1000L) };
    if (dns && evdns_base_set_option(dns, "timeout:", "2") == 0 &&
        evdns_base_set_option(dns, "attempts:", "2") == 0 &&
        (!nameserver || evdns_base_nameserver_ip_add(dns, nameserver) == 0))
        return true;
    fprintf(stderr, "server: %s: not to be used as a name server\n",
            nameserver ? nameserver : "/etc/resolv.conf");
    return false;
}

static bool
listener_open(struct server *server, const char *address)
{
    struct sockaddr_storage at;
    int size = sizeof(at);

    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&at, &size) != 0) {
        fprintf(stderr, "server: not an address and a port: %s\n", address);
        return false;
    }
    server->listener = evconnlistener_new_bind(
        server->base, on_accept, server,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, -1,
        (struct sockaddr *)&at, size);
    if (!server->listener) {
        fprintf(stderr, "server: %s: %s\n", address, strerror(errno));
        return false;
    }
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    return true;
}

int
main(int argc, char **argv)
{
    struct server server = { 0 };
    struct event *terminate = NULL;
    const char *nameserver = NULL;
    int option, status = 1;

    while ((option = getopt(argc, argv, "n:")) == 'n')
        nameserver = optarg;
    if (option != -1 || argc - optind != 2) {
        fprintf(stderr, "usage: server [-n NAMESERVER] CDB ADDRESS:PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    server.base = event_base_new();
    if (!server.base ||
        postern_watch_open(argv[optind], POSTERN_OPEN_COPY | POSTERN_OPEN_CHECK,
                           &server.watch) != POSTERN_OK) {
        complain("start", POSTERN_E_NOMEM);
        goto done;
    }
    if (!resolver_open(&server, nameserver) ||
        !listener_open(&server, argv[optind + 1]))
        goto done;
    server.rules_timer = evtimer_new(server.base, on_rules_timer, &server);
    server.pause_timer = evtimer_new(server.base, on_pause_over, &server);
    terminate = evsignal_new(server.base, SIGTERM, on_terminate, server.base);
    if (!server.rules_timer || !server.pause_timer || !terminate ||
        event_add(terminate, NULL) != 0)
        goto done;
    on_rules_timer(-1, 0, &server);
    puts("ready");
    status = event_base_dispatch(server.base) == 0 ? 0 : 1;
done:
    if (terminate)
        event_free(terminate);
    if (server.pause_timer)
        event_free(server.pause_timer);
    if (server.rules_timer)
        event_free(server.rules_timer);
    if (server.listener)
        evconnlistener_free(server.listener);
    if (server.names.dns)
        evdns_base_free(server.names.dns, 0);
    postern_watch_close(server.watch);
    if (server.base)
        event_base_free(server.base);
    return status;
}
