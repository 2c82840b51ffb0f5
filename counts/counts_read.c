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

static bool
rows_read(int fd, struct pn_counts *out)
{
    size_t size = (size_t)out->header.used * sizeof(*out->rows);
    struct pn_counts_row *again = malloc(size ? size : 1);
    bool good;

    out->rows = malloc(size ? size : 1);
    if (!again || !out->rows) {
        free(again);
        errno = ENOMEM;
        return false;
    }
    good = read_at(fd, out->rows, size, PN_COUNTS_HEADER) &&
           read_at(fd, again, size, PN_COUNTS_HEADER);
    for (uint64_t i = 0; good && i < out->header.used; i++)
        if (!is_at_rest(&again[i], &out->rows[i]))
            good = row_settle(fd, i, &out->rows[i]);
    free(again);
    return good;
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
        return "it is no regular file";
    fault = header_read(fd, (uint64_t)st.st_size, &out->header);
    if (fault)
        return fault;
    if (!rows_read(fd, out))
        return errno == ENODATA ? "it is cut short" : pn_errno_text(errno);
    return pn_counts_rows_fault(out->rows, out->header.used);
}

const char *
pn_counts_read(const char *path, struct pn_counts *out)
{
    int fd = pn_files_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    const char *fault;

    memset(out, 0, sizeof(*out));
    if (fd < 0)
        return pn_errno_text(errno);
    fault = descriptor_read(fd, out);
    close(fd);
    return fault;
}

void
pn_counts_clear(struct pn_counts *counts)
{
    free(counts->rows);
    memset(counts, 0, sizeof(*counts));
}
