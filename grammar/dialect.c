/* Finds the header line. Simple code: it is one line of a file. */
#include "grammar/dialect.h"

#include <string.h>

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *
skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* Moves past a word; NULL when something else stands there. */
static const char *
skip_word(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    if (!at || (size_t)(end - at) < len || memcmp(at, word, len) != 0)
        return NULL;
    return at + len;
}

/* The first line that is neither blank nor a comment; empty at the end. */
static struct pn_str
first_line(const struct pn_source *source)
{
    const char *at = source->text, *end = at + source->size;
    const char *behind_bom = skip_word(at, end, "\xef\xbb\xbf");

    if (behind_bom)
        at = behind_bom;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline ? newline : end;

        at = skip_blanks(at, line_end);
        if (at < line_end && *at != '#')
            return (struct pn_str){ at, (size_t)(line_end - at) };
        at = newline ? newline + 1 : end;
    }
    return (struct pn_str){ end, 0 };
}

/* Behind the colon: perhaps deny and a blank, then digits, then nothing or a comment.
 */
static bool
read_version(const char *at, const char *end, struct pn_str *version)
{
    const char *behind = skip_word(at, end, "deny"), *digits;

    if (behind) {
        at = skip_blanks(behind, end);
        if (at == behind)
            return false;
    }
    digits = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    *version = (struct pn_str){ digits, (size_t)(at - digits) };
    at = skip_blanks(at, end);
    return version->len && (at == end || *at == '#');
}

enum pn_dialect
pn_dialect_of(const struct pn_source *source, struct pn_header *header)
{
    struct pn_str line = first_line(source), version;
    const char *end = line.ptr + line.len;
    const char *at = skip_word(line.ptr, end, "postern");

    if (at)
        at = skip_word(skip_blanks(at, end), end, ":");
    if (!at || !read_version(skip_blanks(at, end), end, &version))
        return PN_CLASSIC;
    if (header)
        *header = (struct pn_header){
            .span = { (uint32_t)(line.ptr - source->text),
                      (uint32_t)(version.ptr + version.len - line.ptr) },
            .version = version,
        };
    return PN_EXTENDED;
}
