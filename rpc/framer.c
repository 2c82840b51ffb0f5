/* Lines of headers one by one, then as many bytes; whatever goes wrong ends somewhere.
 */
#include "rpc/framer.h"

#include <stdint.h>

#include "base/ascii.h"
#include "base/memory.h"

/* The memory of a long message is given back behind it. */
enum { HELD_MAX = 1 << 20 };

static const char length_name[] = "content-length";

bool
pn_framer_add(struct pn_framer *framer, const void *bytes, size_t size)
{
    struct pn_buffer *held = &framer->held;

    if (framer->at) {
        size_t left = held->size - framer->at;

        if (left)
            memmove(held->bytes, held->bytes + framer->at, left);
        held->size = left;
        framer->searched -=
            framer->searched < framer->at ? framer->searched : framer->at;
        framer->at = 0;
    }
    if (!held->size && held->capacity > HELD_MAX)
        pn_buffer_free(held);
    pn_buffer_add(held, bytes, size);
    if (!held->failed)
        return true;
    held->failed = false;
    return false;
}

static struct pn_str
rest(const struct pn_framer *framer)
{
    return pn_str_from(pn_str_of(&framer->held), framer->at);
}

/* Passes over what `skip` says, as far as it is there; false when more is wanted. */
static bool
skip(struct pn_framer *framer)
{
    size_t there = framer->held.size - framer->at;
    size_t now = framer->skip < there ? framer->skip : there;

    framer->at += now;
    framer->skip -= now;
    return !framer->skip;
}

/* Cuts the next line off, without its end; false when there is no whole one. No byte is
 * searched twice, however small the pieces are that a long line comes in. */
static bool
line_take(struct pn_framer *framer, struct pn_str *out)
{
    struct pn_str left = rest(framer);
    size_t known = framer->searched > framer->at ? framer->searched - framer->at : 0;
    const char *end =
        left.len > known ? memchr(left.ptr + known, '\n', left.len - known) : NULL;

    if (!end) {
        framer->searched = framer->held.size;
        return false;
    }
    *out = pn_str_to(left, (size_t)(end - left.ptr));
    framer->at += out->len + 1;
    if (out->len && out->ptr[out->len - 1] == '\r')
        out->len--;
    return true;
}

/* Is it a header, of any name? */
static bool
is_header(struct pn_str line)
{
    const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;

    if (!colon || colon == line.ptr)
        return false;
    for (const char *at = line.ptr; at < colon; at++)
        if (!pn_is_letter(*at) && *at != '-')
            return false;
    return true;
}

/* The value of a header of this name, in lower case; false for another one. */
static bool
header_value(struct pn_str line, const char *name, struct pn_str *out)
{
    size_t size = strlen(name);

    if (line.len <= size || line.ptr[size] != ':')
        return false;
    for (size_t i = 0; i < size; i++)
        if (pn_lower(line.ptr[i]) != name[i])
            return false;
    *out = pn_str_from(line, size + 1);
    while (out->len && (out->ptr[0] == ' ' || out->ptr[0] == '\t'))
        *out = pn_str_from(*out, 1);
    while (out->len &&
           (out->ptr[out->len - 1] == ' ' || out->ptr[out->len - 1] == '\t'))
        out->len--;
    return true;
}

static bool
length_read(struct pn_str digits, size_t *out)
{
    size_t value = 0;

    for (size_t i = 0; i < digits.len; i++) {
        if (!pn_is_digit(digits.ptr[i]) || value > (SIZE_MAX - 9) / 10)
            return false;
        value = value * 10 + (size_t)(digits.ptr[i] - '0');
    }
    *out = value;
    return digits.len > 0;
}

static void
message_begin(struct pn_framer *framer)
{
    framer->headers = 0;
    framer->has_length = framer->is_lost = framer->is_in_message = false;
}

/* What follows is passed over up to the next line that says a length. */
static enum pn_frame
lose(struct pn_framer *framer)
{
    bool was_lost = framer->is_lost;

    message_begin(framer);
    framer->is_lost = true;
    return was_lost ? PN_FRAME_NONE : PN_FRAME_BAD_HEADER;
}

/* A line of headers; PN_FRAME_NONE when all is well. */
static enum pn_frame
header_take(struct pn_framer *framer, struct pn_str line)
{
    struct pn_str value;

    if (!line.len && framer->is_lost)
        return PN_FRAME_NONE;
    if (!line.len) {
        if (!framer->has_length)
            return lose(framer);
        framer->is_in_message = true;
        return PN_FRAME_NONE;
    }
    if (header_value(line, length_name, &value)) {
        if (framer->has_length || !length_read(value, &framer->length))
            return lose(framer);
        framer->has_length = true;
        framer->is_lost = false;
    } else if (framer->is_lost)
        return PN_FRAME_NONE;
    else if (!is_header(line))
        return lose(framer);
    return ++framer->headers > PN_FRAMER_HEADERS_MAX ? lose(framer) : PN_FRAME_NONE;
}

/* A line that has not ended, and is longer than any. */
static enum pn_frame
line_too_long(struct pn_framer *framer)
{
    if (rest(framer).len <= PN_FRAMER_LINE_MAX)
        return PN_FRAME_NONE;
    framer->at = framer->held.size;
    return lose(framer);
}

static enum pn_frame
headers_next(struct pn_framer *framer)
{
    struct pn_str line;

    while (!framer->is_in_message) {
        enum pn_frame frame;

        if (!line_take(framer, &line))
            return line_too_long(framer);
        frame =
            line.len > PN_FRAMER_LINE_MAX ? lose(framer) : header_take(framer, line);
        if (frame != PN_FRAME_NONE)
            return frame;
    }
    return PN_FRAME_MESSAGE;
}

static enum pn_frame
message_next(struct pn_framer *framer, struct pn_str *out)
{
    enum pn_frame frame = headers_next(framer);
    struct pn_str left;

    if (frame != PN_FRAME_MESSAGE)
        return frame;
    if (framer->length > framer->limit) {
        framer->skip = framer->length;
        message_begin(framer);
        (void)skip(framer); /* the rest of it, when it comes */
        return PN_FRAME_TOO_LONG;
    }
    left = rest(framer);
    if (left.len < framer->length) {
        size_t lacking = framer->length - left.len;

        if (pn_buffer_reserve(&framer->held, lacking))
            return PN_FRAME_NONE;
        framer->held.failed = false;
        framer->skip = framer->length;
        message_begin(framer);
        (void)skip(framer);
        return PN_FRAME_MEMORY;
    }
    *out = pn_str_to(left, framer->length);
    framer->at += framer->length;
    message_begin(framer);
    return PN_FRAME_MESSAGE;
}

static enum pn_frame
line_next(struct pn_framer *framer, struct pn_str *out)
{
    struct pn_str line;

    while (line_take(framer, &line)) {
        bool was_lost = framer->is_lost;

        framer->is_lost = false;
        if (was_lost || !line.len)
            continue;
        if (line.len > framer->limit)
            return PN_FRAME_TOO_LONG;
        *out = line;
        return PN_FRAME_MESSAGE;
    }
    if (!framer->is_lost && rest(framer).len <= framer->limit)
        return PN_FRAME_NONE;
    framer->at = framer->held.size;
    if (framer->is_lost)
        return PN_FRAME_NONE;
    framer->is_lost = true;
    return PN_FRAME_TOO_LONG;
}

enum pn_frame
pn_framer_next(struct pn_framer *framer, struct pn_str *out)
{
    if (!skip(framer))
        return PN_FRAME_NONE;
    return framer->framing == PN_FRAMING_LINES ? line_next(framer, out)
                                               : message_next(framer, out);
}

void
pn_framer_clear(struct pn_framer *framer)
{
    pn_buffer_free(&framer->held);
    framer->at = framer->searched = 0;
}
