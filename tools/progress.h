/* How long work has come, on a terminal: one line on standard error, and then none. */
#ifndef PN_TOOLS_PROGRESS_H
#define PN_TOOLS_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "base/output.h"

/*
 * The line appears when a verb has worked for half a second, is drawn anew a few times
 * a second by a thread of its own, and is wiped away before anything else is written to
 * the terminal, and when a signal ends the process. After that there is none. A zeroed
 * struct never shows one. It stands still while it is used.
 */
struct pn_progress {
    pthread_t thread;
    pthread_mutex_t lock; /* for all of these: */
    pthread_cond_t woken;
    bool is_over, is_shown;
    const char *unit;      /* of what is measured; NULL for bytes */
    uint64_t total;        /* 0: not known */
    struct timespec begin; /* of the verb, or of what is measured */

    bool runs;      /* the thread; only the verb's own thread looks at it */
    size_t columns; /* of the terminal; 0: not known */
    atomic_uint_fast64_t done;
};

/* Once, by the verb's own thread, for a terminal; a second time changes nothing. */
void
pn_progress_begin(struct pn_progress *progress, size_t columns);

/* From now on so many units are ahead, "mutants" for one; 0 when nobody knows. */
void
pn_progress_measure(struct pn_progress *progress, uint64_t total, const char *unit);

/* The same for the bytes of an open file, when it is a regular one. */
void
pn_progress_measure_file(struct pn_progress *progress, int fd);

/* So many of them are done. Any thread. */
void
pn_progress_add(struct pn_progress *progress, uint64_t count);

/* Wipes the line away, for good. */
void
pn_progress_end(struct pn_progress *progress);

/* What of it is shown. */
struct pn_progress_state {
    uint64_t done, total;
    const char *unit;
    double seconds;
};

/* The line, without its end: "[#####-----] 50 %  12.5 MiB/s  8 s left", or "12 s". It
 * has fewer than `columns` columns (0: 80). */
void
pn_progress_write(struct pn_buffer *out, const struct pn_progress_state *state,
                  size_t columns);

#endif
