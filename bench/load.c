/*
 * load ADDRESS PORT COUNT IN_FLIGHT SOURCE [RATE]: connects COUNT times from SOURCE,
 * IN_FLIGHT at once, RATE a second at most, and reads each connection to its end.
 * Prints one line: seconds, connections that got bytes, that got none, that timed out,
 * that failed; and the 50th, 99th and 100th percentile of the time to the first byte,
 * and to the end, in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"

enum { IN_FLIGHT_MOST = 4096, TIMEOUT_S = 5 };

struct connection {
    int fd; /* -1 while there is none */
    double start, first;
};

static struct connection connections[IN_FLIGHT_MOST];
static size_t in_flight, live, started, got, empty, timed_out, failed;
static double *firsts, *ends;
static int epoll_fd;
static struct sockaddr_in source, target;

static void
finish(struct connection *c, size_t *counter)
{
    double now = pn_bench_now();

    if (counter == &got) {
        firsts[got] = c->first - c->start;
        ends[got] = now - c->start;
    }
    (*counter)++;
    close(c->fd);
    c->fd = -1;
    live--;
}

static void
begin(struct connection *c)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = c };
    int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    c->start = pn_bench_now();
    c->first = 0;
    live++;
    started++;
    (void)setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&source, sizeof(source)) < 0 ||
        (connect(c->fd, (struct sockaddr *)&target, sizeof(target)) < 0 &&
         errno != EINPROGRESS) ||
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0)
        finish(c, &failed);
}

static void
on_ready(struct connection *c)
{
    char bytes[4096];
    ssize_t count = read(c->fd, bytes, sizeof(bytes));

    if (count > 0 && c->first == 0)
        c->first = pn_bench_now();
    if (count > 0 || (count < 0 && errno == EAGAIN))
        return;
    if (count < 0 && errno != ECONNRESET)
        finish(c, &failed);
    else
        finish(c, c->first > 0 ? &got : &empty);
}

/* Connections that take too long are closed, by a check every now and then. */
static void
give_up(void)
{
    double now = pn_bench_now();

    for (size_t i = 0; i < in_flight; i++)
        if (connections[i].fd >= 0 &&
            now - connections[i].start > (double)TIMEOUT_S * 1e9)
            finish(&connections[i], &timed_out);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
percentile(double *values, double share)
{
    size_t at = (size_t)(share * (double)(got ? got - 1 : 0));

    return got ? values[at] / 1e3 : 0;
}

static void
drive(size_t count, double rate)
{
    double begun = pn_bench_now(), checked = begun;

    while (started < count || live) {
        struct epoll_event events[256];
        double now = pn_bench_now();
        int ready;

        for (size_t i = 0; i < in_flight && started < count; i++) {
            if (rate > 0 && (double)started > (now - begun) / 1e9 * rate)
                break;
            if (connections[i].fd < 0)
                begin(&connections[i]);
        }
        ready = epoll_wait(epoll_fd, events, 256, rate > 0 ? 1 : 100);
        for (int i = 0; i < ready; i++)
            on_ready(events[i].data.ptr);
        if (now - checked > 2e8) {
            give_up();
            checked = now;
        }
    }
}

int
main(int argc, char **argv)
{
    size_t count;
    double begun, seconds;

    if (argc < 6)
        return 100;
    target.sin_family = source.sin_family = AF_INET;
    inet_pton(AF_INET, argv[1], &target.sin_addr);
    target.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    count = strtoul(argv[3], NULL, 10);
    in_flight = strtoul(argv[4], NULL, 10);
    inet_pton(AF_INET, argv[5], &source.sin_addr);
    if (in_flight > IN_FLIGHT_MOST)
        return 100;
    firsts = calloc(count + 1, sizeof(double));
    ends = calloc(count + 1, sizeof(double));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!firsts || !ends || epoll_fd < 0)
        return 111;
    for (size_t i = 0; i < in_flight; i++)
        connections[i].fd = -1;
    begun = pn_bench_now();
    drive(count, argc > 6 ? strtod(argv[6], NULL) : 0);
    seconds = (pn_bench_now() - begun) / 1e9;
    qsort(firsts, got, sizeof(double), compare);
    qsort(ends, got, sizeof(double), compare);
    printf("%.6f %zu %zu %zu %zu %.1f %.1f %.1f %.1f %.1f %.1f\n", seconds, got, empty,
           timed_out, failed, percentile(firsts, 0.5), percentile(firsts, 0.99),
           percentile(firsts, 1), percentile(ends, 0.5), percentile(ends, 0.99),
           percentile(ends, 1));
    return 0;
}
