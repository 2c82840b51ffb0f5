/*
 * Rows are only added, and never move in the file: a reader needs no lock, and an end
 * at any moment tears nothing. What finds them is in memory alone.
 */
#define _GNU_SOURCE /* mremap(2), CLOCK_REALTIME_COARSE */
#include "server/counting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/errno_text.h"

enum { FIRST_ROWS = 120, FIRST_INDEX = 256 };

static uint64_t
wall_s(void)
{
    struct timespec now;

    return clock_gettime(CLOCK_REALTIME_COARSE, &now) < 0 ? 0 : (uint64_t)now.tv_sec;
}

/* --- rows, by what they count */

static uint64_t
other_of(const struct pn_counts_row *row)
{
    return row->kind == PN_COUNTS_PAIR ? row->pair.shadow : 0;
}

/* Identities are digests: they need no more hashing than to be put together. */
static size_t
place_of(const struct srv_counting *counting, uint64_t identity, uint64_t other)
{
    uint64_t hash = (identity ^ other * 3) * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(hash >> 20) & (counting->index_size - 1);
}

static uint32_t *
index_find(const struct srv_counting *counting, uint64_t identity, uint64_t other)
{
    size_t place = place_of(counting, identity, other);
    const struct pn_counts_row *row;

    for (;; place = (place + 1) & (counting->index_size - 1)) {
        if (!counting->index[place])
            return &counting->index[place];
        row = &counting->rows[counting->index[place] - 1];
        if (row->identity == identity && other_of(row) == other)
            return &counting->index[place];
    }
}

/* An index for so many rows, at most half full. */
static bool
index_make(struct srv_counting *counting, uint64_t rows)
{
    struct srv_counting larger = *counting;

    larger.index_size = counting->index_size ? counting->index_size : FIRST_INDEX;
    while (larger.index_size < rows * 2)
        larger.index_size *= 2;
    if (larger.index_size == counting->index_size)
        return true;
    larger.index = calloc(larger.index_size, sizeof(*larger.index));
    if (!larger.index)
        return false;
    for (uint64_t i = 0; i < counting->header->used; i++) {
        const struct pn_counts_row *row = &counting->rows[i];

        *index_find(&larger, row->identity, other_of(row)) = (uint32_t)i + 1;
    }
    free(counting->index);
    counting->index = larger.index;
    counting->index_size = larger.index_size;
    return true;
}

/* Readers see that a row is being changed by its odd number. */
static void
row_begin(struct pn_counts_row *row)
{
    __atomic_store_n(&row->sequence, row->sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

static void
row_end(struct pn_counts_row *row)
{
    __atomic_store_n(&row->sequence, row->sequence + 1, __ATOMIC_RELEASE);
}

/* The row for this, added where there is none yet; NULL when there is no room. */
static struct pn_counts_row *
row_of(struct srv_counting *counting, const struct pn_counts_row *wanted)
{
    uint64_t used = counting->header->used;
    uint32_t *place = index_find(counting, wanted->identity, other_of(wanted));
    struct pn_counts_row *row;

    if (*place)
        return &counting->rows[*place - 1];
    if (used == counting->room && !srv_counting_reserve(counting, used)) {
        counting->header->uncounted++; /* the mapping may have moved */
        return NULL;
    }
    place = index_find(counting, wanted->identity, other_of(wanted));
    row = &counting->rows[used];
    *row = *wanted;
    *place = (uint32_t)used + 1;
    __atomic_store_n(&counting->header->used, used + 1, __ATOMIC_RELEASE);
    return row;
}

void
srv_counting_hit(struct srv_counting *counting, uint64_t identity,
                 enum srv_counted counted)
{
    const struct pn_counts_row wanted = { .kind = PN_COUNTS_RULE,
                                          .identity = identity };
    struct pn_counts_row *row = row_of(counting, &wanted);

    if (!row)
        return;
    row_begin(row);
    row->rule.hits++;
    row->rule.last_s = wall_s();
    row->rule.limited += counted == SRV_COUNTED_LIMITED;
    row->rule.rated += counted == SRV_COUNTED_RATED;
    row->rule.penalised += counted == SRV_COUNTED_PENALISED;
    row_end(row);
}

void
srv_counting_pair(struct srv_counting *counting, const struct srv_counted_pair *pair)
{
    struct pn_counts_row wanted = { .kind = PN_COUNTS_PAIR,
                                    .family = pair->family,
                                    .identity = pair->live,
                                    .pair = { .shadow = pair->shadow } };
    struct pn_counts_row *row;

    memcpy(wanted.pair.address, pair->address, sizeof(wanted.pair.address));
    row = row_of(counting, &wanted);
    if (!row)
        return;
    row_begin(row);
    row->differences |= pair->differences;
    row->pair.count++;
    row->pair.undecided += (pair->differences & PN_COUNTS_UNDECIDED) != 0;
    row->pair.last_s = wall_s();
    row_end(row);
}

void
srv_counting_time(struct pn_counts_histogram *histogram, int64_t ns)
{
    uint64_t duration = ns > 0 ? (uint64_t)ns : 0;

    histogram->buckets[pn_counts_bucket(duration)]++;
    histogram->sum_ns += duration;
    histogram->count++;
}

void
srv_counting_totals(struct srv_counting *counting,
                    const uint64_t totals[PN_COUNTS_TOTALS])
{
    for (size_t i = 0; i < PN_COUNTS_TOTALS; i++)
        counting->header->totals[i] = counting->before[i] + totals[i];
    counting->header->updated_s = wall_s();
}

/* --- the file */

static bool
map(struct srv_counting *counting, size_t size)
{
    void *at =
        counting->header
            ? mremap(counting->header, counting->size, size, MREMAP_MAYMOVE)
            : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, counting->fd, 0);

    if (at == MAP_FAILED)
        return false;
    counting->header = at;
    counting->rows = (struct pn_counts_row *)(void *)((char *)at + PN_COUNTS_HEADER);
    counting->size = size;
    counting->room = pn_counts_room(size);
    return true;
}

/*
 * All of it is allocated before it is mapped: a disk that is full ends nobody then. The
 * index is made first: there is never room for a row that it has none for.
 */
bool
srv_counting_reserve(struct srv_counting *counting, uint64_t rows)
{
    uint64_t used = counting->header->used, wanted, size;
    int error;

    if (rows < FIRST_ROWS)
        rows = FIRST_ROWS;
    if (counting->room - used >= rows)
        return index_make(counting, counting->room);
    wanted = used + rows;
    if (wanted > PN_COUNTS_ROWS_MOST) {
        errno = EFBIG;
        return false;
    }
    size = PN_COUNTS_HEADER + wanted * sizeof(struct pn_counts_row);
    error = posix_fallocate(counting->fd, 0, (off_t)size);
    if (error) {
        errno = error;
        return false;
    }
    return index_make(counting, wanted) && map(counting, (size_t)size);
}

/* An absolute path; NULL without one, or where it has no room. */
static const char *
absolute(const char *path, char *out)
{
    size_t len = 0, more = path ? strlen(path) : 0;

    if (!path)
        return NULL;
    if (*path != '/') {
        if (!getcwd(out, PN_COUNTS_PATH - 1))
            return NULL;
        len = strlen(out);
        out[len++] = '/';
    }
    if (len + more >= PN_COUNTS_PATH)
        return NULL;
    memcpy(out + len, path, more + 1);
    return out;
}

/* A new file, or an empty one: its header goes in first. */
static const char *
header_write(int fd)
{
    union {
        struct pn_counts_header header;
        uint8_t bytes[PN_COUNTS_HEADER];
    } first = { .bytes = { 0 } }; /* static data counts under small limits, unasked */
    ssize_t done;

    pn_counts_header_make(&first.header, wall_s());
    pn_counts_header_seal(&first.header, NULL, NULL);
    done = pwrite(fd, &first, sizeof(first), 0);
    if (done == (ssize_t)sizeof(first))
        return NULL;
    if (done >= 0)
        errno = ENOSPC;
    else
        done = 0;
    return ftruncate(fd, 0) < 0 ? "it cannot be written" : pn_errno_text(errno);
}

/* A server that was ended within a change has left an odd number. */
static void
rows_mend(struct srv_counting *counting)
{
    for (uint64_t i = 0; i < counting->header->used; i++)
        counting->rows[i].sequence += counting->rows[i].sequence & 1;
}

static const char *
file_check(struct srv_counting *counting)
{
    const char *fault;
    struct stat st;

    if (fstat(counting->fd, &st) < 0)
        return pn_errno_text(errno);
    if (!S_ISREG(st.st_mode))
        return "it is no regular file";
    if (flock(counting->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? "another server counts in it"
                                    : pn_errno_text(errno);
    if (fstat(counting->fd, &st) < 0) /* as the one before us has left it */
        return pn_errno_text(errno);
    if (st.st_size == 0) {
        fault = header_write(counting->fd);
        st.st_size = PN_COUNTS_HEADER;
        if (fault)
            return fault;
    }
    if (st.st_size < PN_COUNTS_HEADER)
        return "it holds no counts";
    if (!map(counting, (size_t)st.st_size))
        return pn_errno_text(errno);
    fault = pn_counts_header_fault(counting->header, (uint64_t)st.st_size);
    return fault ? fault : pn_counts_rows_fault(counting->rows, counting->header->used);
}

static void
file_close(struct srv_counting *counting)
{
    if (counting->header)
        munmap(counting->header, counting->size);
    close(counting->fd);
    free(counting->index);
    *counting = (struct srv_counting){ .fd = -1 };
}

bool
srv_counting_open(struct srv_counting *counting, const char *path, const char *rules,
                  const char *shadow, const char **reason)
{
    char names[2][PN_COUNTS_PATH];

    *counting = (struct srv_counting){ .header = NULL };
    counting->fd =
        open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (counting->fd < 0) {
        *reason = pn_errno_text(errno);
        return false;
    }
    *reason = file_check(counting);
    if (!*reason && !srv_counting_reserve(counting, FIRST_ROWS))
        *reason = pn_errno_text(errno);
    if (*reason) {
        file_close(counting);
        return false;
    }
    rows_mend(counting);
    pn_counts_header_seal(counting->header, absolute(rules, names[0]),
                          absolute(shadow, names[1]));
    counting->header->started_s = wall_s();
    memcpy(counting->before, counting->header->totals, sizeof(counting->before));
    return true;
}
