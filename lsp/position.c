/* A sorted array of where lines begin, and a walk within one line. */
#include "lsp/position.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "base/vector.h"

enum { ASTRAL = 0x10000 };

/* The offset behind the end of the line that goes on at `at`; 0 when it is the last. */
static uint32_t
line_after(struct pn_str text, uint32_t at)
{
    for (; at < text.len; at++)
        if (text.ptr[at] == '\n' ||
            (text.ptr[at] == '\r' && (at + 1 == text.len || text.ptr[at + 1] != '\n')))
            return at + 1;
    return 0;
}

bool
pn_lines_make(struct pn_lines *lines, struct pn_str text)
{
    uint32_t at = 0;

    lines->count = 0;
    do
        if (!pn_vector_add(&lines->starts, &lines->count, &lines->capacity, &at,
                           sizeof(at)))
            return false;
    while ((at = line_after(text, at)));
    return true;
}

void
pn_lines_clear(struct pn_lines *lines)
{
    pn_free(lines->starts);
    *lines = (struct pn_lines){ 0 };
}

static int
by_start(const void *key, const void *item)
{
    return *(const uint32_t *)key >= *(const uint32_t *)item ? 1 : -1;
}

uint32_t
pn_lines_line(const struct pn_lines *lines, uint32_t offset)
{
    size_t behind = pn_lower_bound(&offset, lines->starts, lines->count,
                                   sizeof(*lines->starts), by_start);

    return (uint32_t)behind - 1;
}

bool
pn_lines_replace(struct pn_lines *lines, struct pn_str text, uint32_t offset,
                 uint32_t taken, uint32_t put)
{
    struct pn_lines fresh = { 0 };
    /* a "\r" in front may have become a line's end, or be none any more */
    uint32_t from = pn_lines_line(lines, offset ? offset - 1 : 0);
    uint32_t end = offset + taken, at = lines->starts[from];
    size_t first = from + 1u, last = first, tail;
    bool good = true;

    while (last < lines->count && lines->starts[last] <= end)
        last++;
    tail = lines->count - last; /* of which each is one now too */
    while (good && (at = line_after(text, at)) && at <= offset + put)
        good = pn_vector_add(&fresh.starts, &fresh.count, &fresh.capacity, &at,
                             sizeof(at));
    good = good && pn_vector_reserve(&lines->starts, &lines->capacity,
                                     first + fresh.count + tail, sizeof(uint32_t));
    if (good) {
        memmove(lines->starts + first + fresh.count, lines->starts + last,
                tail * sizeof(uint32_t));
        if (fresh.count)
            memcpy(lines->starts + first, fresh.starts, fresh.count * sizeof(uint32_t));
        lines->count = first + fresh.count + tail;
        for (size_t i = first + fresh.count; i < lines->count; i++)
            lines->starts[i] = lines->starts[i] - taken + put;
    }
    pn_lines_clear(&fresh);
    return good;
}

/* The character at an offset: its bytes, and what it counts. */
static size_t
character_at(struct pn_str text, uint32_t at, enum pn_encoding encoding,
             uint32_t *counts)
{
    uint32_t code;
    size_t size = pn_utf8_decode(text.ptr + at, text.len - at, &code);

    if (!size) {
        *counts = 1;
        return 1;
    }
    *counts = encoding == PN_ENCODING_UTF8 ? (uint32_t)size : 1u + (code >= ASTRAL);
    return size;
}

/* Where the text of a line ends, before its own end. */
static uint32_t
line_end(const struct pn_lines *lines, struct pn_str text, uint32_t line)
{
    uint32_t start = lines->starts[line], end = (uint32_t)text.len;

    if (line + 1 < lines->count) {
        end = lines->starts[line + 1] - 1;
        if (end > start && text.ptr[end] == '\n' && text.ptr[end - 1] == '\r')
            end--;
    }
    return end;
}

uint32_t
pn_lines_offset(const struct pn_lines *lines, struct pn_str text,
                enum pn_encoding encoding, struct pn_place place)
{
    uint32_t at, end, counts, seen = 0;

    if (place.line >= lines->count)
        return (uint32_t)text.len;
    at = lines->starts[place.line];
    end = line_end(lines, text, place.line);
    while (at < end) {
        size_t size = character_at(text, at, encoding, &counts);

        if (place.character < seen + counts)
            break;
        seen += counts;
        at += (uint32_t)size;
    }
    return at;
}

struct pn_place
pn_lines_place(const struct pn_lines *lines, struct pn_str text,
               enum pn_encoding encoding, uint32_t offset)
{
    struct pn_place place = { 0 };
    uint32_t at, end, counts;

    if (offset > text.len)
        offset = (uint32_t)text.len;
    place.line = pn_lines_line(lines, offset);
    at = lines->starts[place.line];
    end = line_end(lines, text, place.line);
    if (offset > end)
        offset = end;
    while (at < offset) {
        size_t size = character_at(text, at, encoding, &counts);

        if (at + size > offset)
            break;
        place.character += counts;
        at += (uint32_t)size;
    }
    return place;
}
