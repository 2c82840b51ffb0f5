/* The thread looks at counters, and alone draws. */
#include "tools/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sizes.h"
#include "compiler/temporaries.h"

#define WIPE "\r\033[K"

enum {
    WAIT_MS = 500,
    REDRAW_MS = 200,
    MARKS = 20,
    COLUMNS = 80,
    MINUTE = 60,
    HOUR = 3600
};

static void
duration_write(struct pn_buffer *out, double seconds)
{
    unsigned long long s = (unsigned long long)(seconds + .5);

    if (s < MINUTE)
        pn_buffer_add_format(out, "%llu s", s);
    else if (s < HOUR)
        pn_buffer_add_format(out, "%llu min %llu s", s / MINUTE, s % MINUTE);
    else
        pn_buffer_add_format(out, "%llu h %llu min", s / HOUR, s % HOUR / MINUTE);
}

static void
rate_write(struct pn_buffer *out, const struct pn_progress_state *state, double rate)
{
    static const char *const sizes[] = { "B", "KiB", "MiB", "GiB" };
    size_t size = 0;

    while (!state->unit && rate >= 1024 && size + 1 < PN_COUNT_OF(sizes)) {
        rate /= 1024;
        size++;
    }
    pn_buffer_add_format(out, rate < 10 ? "  %.1f %s/s" : "  %.0f %s/s", rate,
                         state->unit ? state->unit : sizes[size]);
}

void
pn_progress_write(struct pn_buffer *out, const struct pn_progress_state *state,
                  size_t columns)
{
    size_t front = out->size, most = (columns ? columns : COLUMNS) - 1;
    double share, rate = state->seconds > 0 ? (double)state->done / state->seconds : 0;
    char bar[MARKS + 1];

    if (state->total && state->done <= state->total) {
        share = (double)state->done / (double)state->total;
        memset(bar, '-', MARKS);
        memset(bar, '#', (size_t)(share * MARKS));
        bar[MARKS] = '\0';
        pn_buffer_add_format(out, "[%s] %u %%", bar, (unsigned)(share * 100));
        if (rate > 0) {
            rate_write(out, state, rate);
            pn_buffer_add_text(out, "  ");
            duration_write(out, (double)(state->total - state->done) / rate);
            pn_buffer_add_text(out, " left");
        }
    } else {
        duration_write(out, state->seconds);
        if (state->done)
            rate_write(out, state, rate);
    }
    if (out->size - front > most)
        out->size = front + most;
}

static double
seconds_since(const struct timespec *begin)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) +
           (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

/* With the lock. A line that is not seen is no failure. */
static void
draw(struct pn_progress *p)
{
    const struct pn_progress_state state = { .done = atomic_load(&p->done),
                                             .total = p->total,
                                             .unit = p->unit,
                                             .seconds = seconds_since(&p->begin) };
    struct pn_buffer line = { 0 };

    pn_buffer_add_text(&line, WIPE);
    pn_progress_write(&line, &state, p->columns);
    if (!line.failed) {
        if (!p->is_shown)
            pn_ending_write(STDERR_FILENO, WIPE);
        p->is_shown = true;
        (void)pn_write_all(STDERR_FILENO, line.bytes, line.size);
    }
    pn_buffer_free(&line);
}

static void
wake_after(struct timespec *out, long ms)
{
    clock_gettime(CLOCK_MONOTONIC, out);
    out->tv_nsec += ms * 1000000L;
    out->tv_sec += out->tv_nsec / 1000000000L;
    out->tv_nsec %= 1000000000L;
}

static void *
watch(void *argument)
{
    struct pn_progress *p = argument;
    struct timespec wake;

    pthread_mutex_lock(&p->lock);
    wake_after(&wake, WAIT_MS);
    while (!p->is_over) {
        if (pthread_cond_timedwait(&p->woken, &p->lock, &wake) == 0 || p->is_over)
            continue;
        draw(p);
        wake_after(&wake, REDRAW_MS);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals are for the verb's thread, whose handlers clean up. */
static bool
thread_start(struct pn_progress *p)
{
    sigset_t all, before;
    bool good;

    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    good = pthread_create(&p->thread, NULL, watch, p) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

void
pn_progress_begin(struct pn_progress *p, size_t columns)
{
    pthread_condattr_t monotonic;

    if (p->runs || p->is_over)
        return;
    p->columns = columns;
    clock_gettime(CLOCK_MONOTONIC, &p->begin);
    if (pthread_condattr_init(&monotonic) != 0)
        return;
    if (pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
        pthread_mutex_init(&p->lock, NULL) == 0) {
        if (pthread_cond_init(&p->woken, &monotonic) == 0)
            p->runs = thread_start(p); /* without a thread there is no line */
    }
    (void)pthread_condattr_destroy(&monotonic);
}

void
pn_progress_measure(struct pn_progress *p, uint64_t total, const char *unit)
{
    if (!p->runs)
        return;
    pthread_mutex_lock(&p->lock);
    p->total = total;
    p->unit = unit;
    atomic_store(&p->done, 0);
    clock_gettime(CLOCK_MONOTONIC, &p->begin);
    pthread_mutex_unlock(&p->lock);
}

void
pn_progress_measure_file(struct pn_progress *p, int fd)
{
    struct stat st;

    if (p->runs)
        pn_progress_measure(
            p, fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0,
            NULL);
}

void
pn_progress_add(struct pn_progress *p, uint64_t count)
{
    atomic_fetch_add_explicit(&p->done, count, memory_order_relaxed);
}

void
pn_progress_end(struct pn_progress *p)
{
    if (!p->runs)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_over = true;
    pthread_cond_signal(&p->woken);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    p->runs = false;
    if (p->is_shown)
        (void)pn_write_all(STDERR_FILENO, WIPE, sizeof(WIPE) - 1);
    pn_ending_write(-1, "");
    (void)pthread_cond_destroy(&p->woken);
    (void)pthread_mutex_destroy(&p->lock);
}
