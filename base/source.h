/* A source text, and places in it. */
#ifndef PN_BASE_SOURCE_H
#define PN_BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Offsets are 32 bits: pn_source_read() refuses longer texts. */
struct pn_span {
    uint32_t offset, size;
};

struct pn_source {
    const char *name; /* as the user wrote it; "-" for standard input */
    char *text;       /* text[size] is 0 */
    size_t size;
    size_t lines_before;   /* for a later piece of a longer text */
    uint32_t *line_starts; /* by pn_source_index(); else NULL */
    size_t line_count;
    bool hidden; /* confidential: its lines are not shown or quoted */
};

/* Lines and columns count from 1, columns in bytes. */
struct pn_position {
    size_t line, column;
    struct pn_span whole_line; /* without its newline */
};

#define PN_SOURCE_SIZE_MAX ((size_t)UINT32_MAX - 1)

/*
 * Reads a descriptor to its end into memory, so that the text cannot change while it is
 * parsed. `name` is borrowed. False with errno set, EFBIG when the text is longer than
 * `limit` (at most PN_SOURCE_SIZE_MAX).
 */
bool
pn_source_read(struct pn_source *out, const char *name, int fd, size_t limit);

/* A copy of text in memory; false when out of memory or too long. */
bool
pn_source_from_text(struct pn_source *out, const char *name, struct pn_str text);

void
pn_source_clear(struct pn_source *source);

/* Makes pn_source_position() cost a binary search instead of a walk from the top. */
bool
pn_source_index(struct pn_source *source);

struct pn_position
pn_source_position(const struct pn_source *source, uint32_t offset);

/* The same, with a guess of the line, which is tried first. */
struct pn_position
pn_source_position_near(const struct pn_source *source, uint32_t offset, size_t line);

struct pn_str
pn_source_slice(const struct pn_source *source, struct pn_span span);

/*
 * Reads a text in pieces of whole lines, so that memory holds a piece and not the file.
 */
struct pn_reader {
    struct pn_source piece; /* the one at hand */
    int fd;                 /* -1: the only piece is the caller's */
    size_t capacity, held;  /* bytes in the buffer, including the piece */
    char behind;            /* the byte that the piece's end mark has replaced */
    bool ended;
    int error; /* errno of a failed read, or 0 */
};

/* Reads from a descriptor. `name` is borrowed. */
void
pn_reader_begin(struct pn_reader *reader, const char *name, int fd);

/* Yields one piece: a text in memory, which stays the caller's. */
void
pn_reader_begin_source(struct pn_reader *reader, const struct pn_source *source);

/*
 * The next piece, in reader->piece; the one before is gone. False at the end of the
 * text, and after a failure, with reader->error set.
 */
bool
pn_reader_next(struct pn_reader *reader);

/* Extends the current piece to the end of the text. */
bool
pn_reader_rest(struct pn_reader *reader);

void
pn_reader_end(struct pn_reader *reader);

#endif
