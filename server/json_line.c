/*
 * Members are added whole or not at all: one that finds no room is taken back. How much
 * of a text stands is chosen by the caller so that this never happens to his.
 */
#include "server/json_line.h"

#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "server/clock.h"

enum { ENDS = 3 /* room for a brace, a newline and a NUL */, UNIT_MOST = 8 };

/* Ends a member that began at `start`, or takes it back. */
static void
member_end(struct srv_line *line, size_t start)
{
    if (line->size + ENDS > SRV_LINE_SIZE)
        line->size = start;
}

static size_t
name_begin(struct srv_line *line, const char *name, const char *more)
{
    size_t start = line->size;

    srv_line_text(line, start == 1 ? "\"" : ", \"");
    srv_line_text(line, name);
    srv_line_text(line, more);
    srv_line_text(line, "\": ");
    return start;
}

static void
escape(char out[UNIT_MOST], const char *front, unsigned code)
{
    static const char digits[] = "0123456789abcdef";

    memcpy(out, front, 4);
    out[4] = digits[code >> 4 & 15];
    out[5] = digits[code & 15];
}

/*
 * The character at the front of a text as a string has it: its length in *used, and its
 * size as written.
 */
static size_t
unit(const char *at, size_t left, char out[UNIT_MOST], size_t *used)
{
    static const char named[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    uint32_t code;
    const char *escaped;

    *used = pn_utf8_decode(at, left, &code);
    if (!*used) {
        *used = 1;
        escape(out, "\\udc", (unsigned char)*at);
        return 6;
    }
    escaped = code && code < 0x80 ? strchr(named, (int)code) : NULL;
    if (escaped) {
        out[0] = '\\';
        out[1] = letters[escaped - named];
        return 2;
    }
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) {
        escape(out, "\\u00", code);
        return 6;
    }
    memcpy(out, at, *used);
    return *used;
}

/* Adds the text to a line, or only measures it; true when all of it stands. */
static bool
units_add(struct srv_line *line, struct postern_str text, size_t most)
{
    size_t written = 0, used;

    for (size_t at = 0; at < text.len; at += used) {
        char out[UNIT_MOST];
        size_t size = unit(text.ptr + at, text.len - at, out, &used);

        written += size;
        if (written > most)
            return false;
        if (line)
            srv_line_bytes(line, out, size);
    }
    return true;
}

void
srv_json_text(struct srv_line *line, const char *name, struct postern_str text,
              size_t most)
{
    size_t start;

    if (!text.ptr)
        return;
    start = name_begin(line, name, units_add(NULL, text, most) ? "" : "_cut");
    srv_line_text(line, "\"");
    (void)units_add(line, text, most); /* the name tells */
    srv_line_text(line, "\"");
    member_end(line, start);
}

void
srv_json_string(struct srv_line *line, const char *name, const char *text, size_t most)
{
    srv_json_text(line, name, (struct postern_str){ text, text ? strlen(text) : 0 },
                  most);
}

void
srv_json_number(struct srv_line *line, const char *name, unsigned long long number)
{
    size_t start = name_begin(line, name, "");

    srv_line_number(line, number);
    member_end(line, start);
}

void
srv_json_words(struct srv_line *line, const char *name, const char *const *words,
               size_t count, unsigned set)
{
    size_t start = name_begin(line, name, "");
    const char *before = "[\"";

    for (size_t i = 0; i < count; i++)
        if (set & 1u << i) {
            srv_line_text(line, before);
            srv_line_text(line, words[i]);
            before = "\", \"";
        }
    srv_line_text(line, set ? "\"]" : "[]");
    member_end(line, start);
}

static void
digits_add(struct srv_line *line, unsigned long long number, size_t width)
{
    char digits[24];

    for (size_t i = width; i; i--, number /= 10)
        digits[i - 1] = (char)('0' + number % 10);
    srv_line_bytes(line, digits, width);
}

/*
 * A day of the Gregorian calendar from its number since 1970. Years are counted from
 * March, so that the day of a leap year is the last.
 */
static void
date_add(struct srv_line *line, int64_t day)
{
    int64_t since = day + 719468; /* the first of March of the year 0 */
    int64_t era = since / 146097, of_era = since % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0 is March */

    digits_add(line, (unsigned long long)(era * 400 + year + (month >= 10)), 4);
    srv_line_text(line, "-");
    digits_add(line, (unsigned long long)(month < 10 ? month + 3 : month - 9), 2);
    srv_line_text(line, "-");
    digits_add(line, (unsigned long long)(of_year - (153 * month + 2) / 5 + 1), 2);
}

/* RFC 3339, in UTC. Not by gmtime(3), which takes a lock. */
static void
time_add(struct srv_line *line)
{
    struct timespec now = { 0 };
    int64_t seconds;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* it cannot fail */
    seconds = now.tv_sec > 0 ? now.tv_sec : 0;
    date_add(line, seconds / 86400);
    srv_line_text(line, "T");
    digits_add(line, (unsigned long long)(seconds % 86400 / 3600), 2);
    srv_line_text(line, ":");
    digits_add(line, (unsigned long long)(seconds % 3600 / 60), 2);
    srv_line_text(line, ":");
    digits_add(line, (unsigned long long)(seconds % 60), 2);
    srv_line_text(line, ".");
    digits_add(line, (unsigned long long)now.tv_nsec / 1000, 6);
    srv_line_text(line, "Z\"");
}

void
srv_json_begin(struct srv_line *line, const char *event)
{
    line->size = 0;
    srv_line_text(line, "{");
    srv_json_string(line, "event", event, SRV_LINE_SIZE);
    (void)name_begin(line, "time", ""); /* there is room for it */
    srv_line_text(line, "\"");
    time_add(line);
    srv_json_number(line, "monotonic_us", (unsigned long long)srv_now_ns() / 1000);
}

void
srv_json_end(struct srv_line *line)
{
    srv_line_text(line, "}\n");
}
