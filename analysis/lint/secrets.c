/* A name is judged by its words; a value ends at its quote. */
#include "analysis/lint/secrets.h"

#include <string.h>

#include "base/sizes.h"

static const char *const words[] = { "PASSWORD",   "PASSWD",     "PASSPHRASE", "PASS",
                                     "SECRET",     "TOKEN",      "APIKEY",     "KEY",
                                     "CREDENTIAL", "CREDENTIALS" };

static char
upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool
is_word(struct pn_str collection)
{
    for (size_t i = 0; i < PN_COUNT_OF(words); i++) {
        size_t at = 0;

        if (strlen(words[i]) != collection.len)
            continue;
        while (at < collection.len && upper(collection.ptr[at]) == words[i][at])
            at++;
        if (at == collection.len)
            return true;
    }
    return false;
}

bool
pn_name_is_secret(struct pn_str name)
{
    size_t start = 0;

    for (size_t i = 0; i <= name.len; i++)
        if (i == name.len || name.ptr[i] == '_') {
            if (is_word((struct pn_str){ name.ptr + start, i - start }))
                return true;
            start = i + 1;
        }
    return false;
}

static bool
is_name_byte(char c)
{
    return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The end of the value after an equals sign: after its closing quote, or of the line.
 * */
static size_t
value_end(struct pn_str line, size_t at)
{
    char quote = at < line.len ? line.ptr[at++] : '\0';

    for (; at < line.len; at++) {
        if (line.ptr[at] == '\\' && quote == '"')
            at++;
        else if (line.ptr[at] == quote)
            return at + 1;
    }
    return line.len;
}

void
pn_line_mask(struct pn_str line, struct pn_buffer *out, size_t *mark)
{
    size_t start = 0, at = 0, moved = *mark;

    while (at < line.len) {
        size_t name = at, end;

        while (at < line.len && is_name_byte(line.ptr[at]))
            at++;
        if (at == line.len || line.ptr[at] != '=' ||
            !pn_name_is_secret((struct pn_str){ line.ptr + name, at - name })) {
            at++;
            continue;
        }
        end = value_end(line, at + 1);
        pn_buffer_add(out, line.ptr + start, at + 1 - start);
        pn_buffer_add_text(out, "\"...\"");
        if (*mark > at + 1 && *mark < end)
            moved = out->size;
        else if (*mark >= end)
            moved = moved + 5 - (end - at - 1);
        start = at = end;
    }
    if (line.len > start)
        pn_buffer_add(out, line.ptr + start, line.len - start);
    *mark = moved;
}
