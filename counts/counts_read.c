/*
 * The file is not mapped: whoever cuts it short meanwhile would end this process. What
 * was read twice alike, with an even number, was at rest.
 */
#include "counts/counts_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/files.h"

/* How often a row is read again that its server is busy with, or has left so. */
enum { TRIES = 100 };

/* Rows that are read at once. */
enum { PIECE = 128 };

static bool
read_at(int fd, void *out, size_t size, uint64_t offset)
{
    char *at = out;

    while (size) {
        ssize_t got = pread(fd, at, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got ? errno : ENODATA;
            return false;
        }
        at += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

static bool
is_at_rest(const struct pn_counts_row *row, const struct pn_counts_row *before)
{
    return !(row->sequence & 1) && memcmp(row, before, sizeof(*row)) == 0;
}

/* A row as it was twice in a row; of one that its server was ended in, as it is. */
static bool
row_settle(int fd, uint64_t number, struct pn_counts_row *row)
{
    uint64_t at = PN_COUNTS_HEADER + number * sizeof(*row);

    for (int i = 0; i < TRIES; i++) {
        struct pn_counts_row before = *row;

        if (!read_at(fd, row, sizeof(*row), at))
            return false;
        if (is_at_rest(row, &before))
            break;
    }
    return true;
}

/* Adds the next rows, each as it was at rest. NULL, or what is wrong with them. */
static const char *
piece_read(int fd, uint64_t first, size_t count, struct pn_counts_row *out)
{
    static const char cut[] = "it is cut short";
    struct pn_counts_row again[PIECE];
    uint64_t at = PN_COUNTS_HEADER + first * sizeof(*out);

    if (!read_at(fd, out, count * sizeof(*out), at) ||
        !read_at(fd, again, count * sizeof(*out), at))
        return errno == ENODATA ? cut : pn_errno_text(errno);
    for (size_t i = 0; i < count; i++)
        if (!is_at_rest(&again[i], &out[i]) && !row_settle(fd, first + i, &out[i]))
            return errno == ENODATA ? cut : pn_errno_text(errno);
    return pn_counts_rows_fault(out, count);
}

static int
by_key(const void *a, const void *b)
{
    const struct pn_counts_row *left = a, *right = b;
    uint64_t other[2] = { left->kind == PN_COUNTS_PAIR ? left->pair.shadow : 0,
                          right->kind == PN_COUNTS_PAIR ? right->pair.shadow : 0 };

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->identity != right->identity)
        return left->identity < right->identity ? -1 : 1;
    return other[0] < other[1] ? -1 : other[0] > other[1];
}

/*
 * Memory grows with what is read, and not with what the header says: of a file that is
 * mostly a hole the first rows are no rows. Sorted, so that one that stands twice is
 * found.
 */
static const char *
rows_read(int fd, struct pn_counts *out)
{
    uint64_t used = out->header.used, capacity = 0, count = 0;
    const char *fault = NULL;

    while (count < used && !fault) {
        size_t piece = used - count < PIECE ? (size_t)(used - count) : PIECE;

        if (count + piece > capacity) {
            struct pn_counts_row *rows;

            capacity = capacity ? capacity * 2 : PIECE;
            rows = realloc(out->rows, (size_t)capacity * sizeof(*rows));
            if (!rows) {
                errno = ENOMEM;
                return pn_errno_text(ENOMEM);
            }
            out->rows = rows;
        }
        fault = piece_read(fd, count, piece, out->rows + count);
        count += piece;
    }
    if (fault)
        return fault;
    if (used)
        qsort(out->rows, (size_t)used, sizeof(*out->rows), by_key);
    for (uint64_t i = 1; i < used; i++)
        if (by_key(&out->rows[i - 1], &out->rows[i]) == 0)
            return "it is damaged";
    return NULL;
}

/* The fixed part may be written anew while it is read, when a server starts. */
static const char *
header_read(int fd, uint64_t file_size, struct pn_counts_header *out)
{
    size_t size = file_size < sizeof(*out) ? (size_t)file_size : sizeof(*out);
    const char *fault = NULL;

    for (int i = 0; i < TRIES; i++) {
        memset(out, 0, sizeof(*out));
        if (!read_at(fd, out, size, 0))
            return pn_errno_text(errno);
        fault = pn_counts_header_fault(out, file_size);
        if (!fault)
            break;
    }
    return fault;
}

static const char *
descriptor_read(int fd, struct pn_counts *out)
{
    const char *fault;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return pn_errno_text(errno);
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file";
    fault = header_read(fd, (uint64_t)st.st_size, &out->header);
    return fault ? fault : rows_read(fd, out);
}

const char *
pn_counts_read(const char *path, struct pn_counts *out)
{
    int fd = pn_files_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    const char *fault;

    int error;

    memset(out, 0, sizeof(*out));
    if (fd < 0)
        return pn_errno_text(errno);
    errno = 0;
    fault = descriptor_read(fd, out);
    error = errno;
    close(fd);
    errno = error;
    return fault;
}

void
pn_counts_clear(struct pn_counts *counts)
{
    free(counts->rows);
    memset(counts, 0, sizeof(*counts));
}
