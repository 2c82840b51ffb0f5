/* Bytes as a terminal is given them, and how wide they are there. */
#include "tools/render/printed.h"

#include "base/sizes.h"
#include "base/utf8.h"
#include "tools/render/width.h"

/*
 * Characters that show nothing, or turn the direction of what follows: in a terminal a
 * line would not be what it looks like.
 */
static bool
is_unseen(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0x00ad, 0x00ad }, { 0x061c, 0x061c }, { 0x115f, 0x1160 },
        { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
        { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
        { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
    };

    for (size_t i = 0; i < PN_COUNT_OF(ranges); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Adds `size` bytes as \xHH; how wide they are. */
static size_t
escape(struct pn_output *output, const char *bytes, size_t size)
{
    enum { ESCAPE_WIDTH = 4 };

    for (size_t i = 0; i < size && output; i++)
        pn_output_format(output, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
    return size * ESCAPE_WIDTH;
}

static void
repeat(struct pn_output *output, char byte, size_t count)
{
    while (output && count--)
        pn_output_add(output, &byte, 1);
}

/*
 * Shows one character and returns its bytes; *column moves on by how wide it came out.
 * A tab goes to the next stop where `tabs` says so.
 */
static size_t
show(struct pn_output *output, const char *bytes, size_t size, bool tabs,
     size_t *column)
{
    enum { TAB = 8 };
    uint32_t code = 0;
    size_t length = pn_utf8_decode(bytes, size, &code);

    if (length == 1 && code == '\t' && tabs) {
        repeat(output, ' ', TAB - *column % TAB);
        *column += TAB - *column % TAB;
    } else if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        length = 1;
        *column += escape(output, bytes, length);
    } else if (is_unseen(code)) {
        *column += escape(output, bytes, length);
    } else {
        int width = code < 0x7f ? 1 : pn_char_width(code);

        if (output)
            pn_output_add(output, bytes, length);
        *column += width > 0 ? (size_t)width : 0;
    }
    return length;
}

/* How many of the bytes are characters of ASCII that are seen: nearly always all. */
static size_t
seen_run(const char *bytes, size_t size)
{
    size_t run = 0;

    while (run < size && bytes[run] >= ' ' && bytes[run] < 0x7f)
        run++;
    return run;
}

/* From a column on; the column behind them. */
static size_t
show_all(struct pn_output *output, struct pn_str bytes, bool tabs)
{
    size_t column = 0;

    for (size_t at = 0; at < bytes.len;) {
        size_t run = seen_run(bytes.ptr + at, bytes.len - at);

        if (run && output)
            pn_output_add(output, bytes.ptr + at, run);
        column += run;
        at += run;
        if (at < bytes.len)
            at += show(output, bytes.ptr + at, bytes.len - at, tabs, &column);
    }
    return column;
}

void
pn_render_bytes(struct pn_output *output, struct pn_str bytes)
{
    (void)show_all(output, bytes, false);
}

void
pn_render_line(struct pn_output *output, struct pn_str bytes)
{
    (void)show_all(output, bytes, true);
}

size_t
pn_render_width(struct pn_str bytes)
{
    return show_all(NULL, bytes, false);
}

size_t
pn_render_front(struct pn_output *output, const struct pn_shown *shown)
{
    size_t width = show_all(NULL, pn_str_to(shown->text, shown->front), true);

    repeat(output, ' ', width);
    return width;
}

size_t
pn_render_underline(struct pn_output *output, const struct pn_shown *shown, char mark)
{
    size_t left = shown->text.len - shown->front;
    size_t end = shown->front + (shown->size < left ? shown->size : left);
    size_t before = show_all(NULL, pn_str_to(shown->text, shown->front), true);
    size_t width = show_all(NULL, pn_str_to(shown->text, end), true);

    /* half of a character, as an escape, is wider than the whole */
    width = width > before ? width - before : 1;
    repeat(output, mark, width);
    return width;
}
