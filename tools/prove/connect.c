/* Clients of any address, one after another. */
#define _GNU_SOURCE
#include "tools/prove/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "tools/prove/endpoint.h"
#include "tools/prove/folder.h"
#include "tools/prove/name_server.h"
#include "tools/prove/run.h"

enum { PIECE = 4096, SAID_MOST = 1 << 20, WAITS = 1000, WAIT_MS = 10, BACKLOG = 16 };

/* 127.0.0.1 or ::1. */
static socklen_t
server_make(uint8_t family, struct sockaddr_storage *out)
{
    struct postern_addr addr = { .family = family };

    if (family == 4)
        addr.bytes[0] = 127;
    addr.bytes[family == 4 ? 3 : 15] = 1;
    return pn_prove_endpoint(&addr, PN_PROVE_PORT, out);
}

/* A socket of that address, whoever has it; `from` of the family alone: any. */
static int
client_open(const struct postern_addr *from, bool bound)
{
    const struct timeval patience = { .tv_sec = PN_PROVE_SECONDS };
    const bool six = from->family == 6;
    struct sockaddr_storage local;
    socklen_t size = pn_prove_endpoint(from, 0, &local);
    int on = 1;
    int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
        (!bound ||
         (setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
                     six ? IPV6_FREEBIND : IP_FREEBIND, &on, sizeof(on)) == 0 &&
          bind(fd, (const struct sockaddr *)&local, size) == 0)))
        return fd;
    close(fd);
    return -1;
}

/* A connection from there; -1 with errno. */
static int
client_connect(const struct postern_addr *from, bool bound)
{
    struct sockaddr_storage server;
    socklen_t size = server_make(from->family, &server);
    int fd = client_open(from, bound), error;

    if (fd < 0 || connect(fd, (const struct sockaddr *)&server, size) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool
fails_at(struct pn_asking *asking, const struct postern_addr *from)
{
    const char *reason = strerror(errno);
    char text[POSTERN_ADDR_TEXT_SIZE], what[128];

    (void)postern_addr_print(from, text);
    (void)snprintf(what, sizeof(what), "a connection from %s", text);
    return pn_run_fails(asking, what, pn_str_of_text(reason));
}

/* Sends the question, and reads to the end; a reset is one too. */
static bool
talk(int fd, const char *question, struct pn_buffer *said)
{
    size_t size = strlen(question);
    ssize_t got = 1;

    said->size = 0;
    if (send(fd, question, size, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        return false;
    while (got > 0 && said->size < SAID_MOST) {
        if (!pn_buffer_reserve(said, PIECE))
            return false;
        got = recv(fd, said->bytes + said->size, PIECE, 0);
        if (got < 0 && errno != EINTR && errno != ECONNRESET)
            return false;
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            said->size += (size_t)got;
    }
    return true;
}

/* Until it listens. */
static bool
server_wait(struct pn_asking *asking, int child)
{
    const struct timespec moment = { .tv_nsec = WAIT_MS * 1000000L };
    const struct postern_addr four = { .family = 4 };
    char path[PN_PROVE_PATH + 64];
    struct pn_source said = { 0 };
    int fd = -1;

    for (unsigned i = 0; i < WAITS && fd < 0 && pn_run_lives(child); i++) {
        fd = client_connect(&four, false);
        if (fd < 0)
            (void)nanosleep(&moment, NULL);
    }
    if (fd >= 0) {
        close(fd);
        return true;
    }
    pn_prove_path(asking->folder, "said", path);
    fd = pn_files_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0 && !pn_source_read(&said, path, fd, SAID_MOST))
        said = (struct pn_source){ 0 };
    (void)pn_run_fails(asking, "it does not serve",
                       (struct pn_str){ said.text, said.size });
    pn_source_clear(&said);
    if (fd >= 0)
        close(fd);
    return false;
}

static bool
clients_ask(struct pn_asking *asking, const char *question, pn_connect_read_fn take)
{
    struct pn_buffer said = { 0 };
    bool asked = true;

    for (size_t i = 0; i < asking->count && asked; i++) {
        const struct postern_addr *from = &asking->clients[i].addr;
        int fd;

        if (asking->no_names && asking->clients[i].host.len)
            continue;
        if (asking->names)
            pn_name_server_turn(asking->names, i);
        fd = client_connect(from, true);
        asked = fd >= 0 && talk(fd, question, &said);
        if (asked)
            take(asking, &asking->answers[i], pn_str_of(&said));
        else
            (void)fails_at(asking, from);
        if (fd >= 0)
            close(fd);
    }
    pn_buffer_free(&said);
    return asked;
}

bool
pn_connect_server(struct pn_asking *asking, const char *const *words,
                  const char *question, pn_connect_read_fn take)
{
    int child = pn_run_start(asking, words);
    bool asked =
        child > 0 && server_wait(asking, child) && clients_ask(asking, question, take);

    if (child > 0)
        pn_run_end(child);
    return asked;
}

void
pn_connect_greeting(struct pn_asking *asking, struct pn_asked_answer *answer,
                    struct pn_str said)
{
    (void)asking;
    answer->kind = said.len ? PN_ASKED_ALLOWS : PN_ASKED_DENIES;
}

static int
listener_open(uint8_t family)
{
    struct sockaddr_storage local;
    socklen_t size = server_make(family, &local);
    int fd = socket(family == 4 ? AF_INET : AF_INET6,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || (bind(fd, (const struct sockaddr *)&local, size) == 0 &&
                   listen(fd, BACKLOG) == 0))
        return fd;
    close(fd);
    return -1;
}

static bool
packet_ask(struct pn_asking *asking, size_t index, int listener)
{
    const struct postern_addr *from = &asking->clients[index].addr;
    int fd = client_connect(from, true), served;
    bool came = fd >= 0;

    if (!came && errno != ECONNREFUSED)
        return fails_at(asking, from);
    asking->answers[index].kind = came ? PN_ASKED_ALLOWS : PN_ASKED_DENIES;
    served = came ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
    if (served >= 0)
        close(served);
    if (came)
        close(fd);
    return true;
}

bool
pn_connect_packets(struct pn_asking *asking)
{
    int four = listener_open(4), six = listener_open(6);
    bool asked = four >= 0;

    if (!asked)
        (void)pn_run_fails(asking, "a listener", pn_str_of_text(strerror(errno)));
    for (size_t i = 0; i < asking->count && asked; i++)
        asked = packet_ask(asking, i, asking->clients[i].addr.family == 4 ? four : six);
    if (four >= 0)
        close(four);
    if (six >= 0)
        close(six);
    return asked;
}
