/* Reads a text in pieces of whole lines. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/source.h"
#include "base/vector.h"

enum { PIECE = 1 << 16 };

void
pn_reader_begin(struct pn_reader *reader, const char *name, int fd)
{
    *reader = (struct pn_reader){ .piece = { .name = name }, .fd = fd };
}

void
pn_reader_begin_source(struct pn_reader *reader, const struct pn_source *source)
{
    *reader = (struct pn_reader){ .piece = *source, .fd = -1 };
}

static size_t
count_lines(const char *text, size_t size)
{
    size_t lines = 0;

    for (size_t i = 0; i < size; i++) /* a loop that compilers vectorise */
        lines += text[i] == '\n';
    return lines;
}

/* Reads more behind what is held; false at the end of the text or after a failure. */
static bool
fill(struct pn_reader *reader)
{
    size_t want = reader->held + reader->held / 2 + PIECE;
    ssize_t got;

    if (reader->capacity - reader->held < PIECE / 2 &&
        !pn_vector_reserve(&reader->piece.text, &reader->capacity, want + 1, 1)) {
        reader->error = ENOMEM;
        return false;
    }
    do
        got = read(reader->fd, reader->piece.text + reader->held,
                   reader->capacity - reader->held - 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        reader->error = errno;
    if (got <= 0)
        return false;
    reader->held += (size_t)got;
    return true;
}

/* The size of the whole lines from `from` on; 0 when no line is complete. */
static size_t
whole_lines(const struct pn_reader *reader, size_t from)
{
    size_t at = reader->held;

    while (at > from && reader->piece.text[at - 1] != '\n')
        at--;
    return at > from ? at : 0;
}

static bool
next_piece(struct pn_reader *reader)
{
    size_t size = 0, seen = 0;

    while (!size && fill(reader)) {
        size = whole_lines(reader, seen);
        seen = reader->held;
        if (!size && seen > PN_SOURCE_SIZE_MAX) {
            reader->error = EFBIG;
            return false;
        }
    }
    if (reader->error)
        return false;
    if (!size) { /* the end of the text: the last line has no newline */
        reader->ended = true;
        size = reader->held;
    }
    reader->piece.size = size;
    if (!size)
        return false;
    reader->behind = reader->piece.text[size];
    reader->piece.text[size] = '\0'; /* the lexer's end mark, as in any source */
    return true;
}

bool
pn_reader_next(struct pn_reader *reader)
{
    struct pn_source *piece = &reader->piece;

    if (reader->ended || reader->error)
        return false;
    if (reader->fd < 0) {
        reader->ended = true;
        return true;
    }
    if (piece->size) {
        piece->lines_before += count_lines(piece->text, piece->size);
        piece->text[piece->size] = reader->behind;
        reader->held -= piece->size;
        memmove(piece->text, piece->text + piece->size, reader->held);
        piece->size = 0;
    }
    return next_piece(reader);
}

bool
pn_reader_rest(struct pn_reader *reader)
{
    struct pn_source *piece = &reader->piece;

    if (reader->fd < 0 || reader->ended)
        return !reader->error;
    piece->text[piece->size] = reader->behind;
    while (fill(reader)) {
        if (reader->held > PN_SOURCE_SIZE_MAX) {
            reader->error = EFBIG;
            break;
        }
    }
    reader->ended = true;
    piece->size = reader->held;
    piece->text[piece->size] = '\0';
    return !reader->error;
}

void
pn_reader_end(struct pn_reader *reader)
{
    if (reader->fd >= 0)
        pn_free(reader->piece.text);
    reader->piece = (struct pn_source){ 0 };
}
