/* By how it begins; and by lines that only the extended language has. */
#include "compiler/file_kind.h"

#include <string.h>

#include "base/ascii.h"
#include "base/nearest.h"
#include "base/sizes.h"
#include "compiler/list_faults.h"

enum { LINES_MAX = 200, HEADER_EDITS = 2, HEADER_MIN = 4, FRONT = 64, NULS_MAX = 8 };

static bool
is_gap(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct pn_str
trim(struct pn_str line)
{
    while (line.len && is_gap(*line.ptr))
        line = pn_str_from(line, 1);
    while (line.len && is_gap(line.ptr[line.len - 1]))
        line.len--;
    return line;
}

/* The next line that is neither blank nor a comment; ptr NULL at the end. */
static struct pn_str
next_line(struct pn_str *text)
{
    while (text->len) {
        struct pn_str line = trim(pn_str_cut(text, '\n'));

        if (line.len && *line.ptr != '#')
            return line;
    }
    return (struct pn_str){ NULL, 0 };
}

static struct pn_str
word_cut(struct pn_str *line)
{
    struct pn_str word = { line->ptr, 0 };

    while (word.len < line->len &&
           (pn_is_letter(word.ptr[word.len]) || word.ptr[word.len] == '_'))
        word.len++;
    *line = trim(pn_str_from(*line, word.len));
    return word;
}

/* "postern" or nearly so, with a version or the like behind it. */
static bool
is_header(struct pn_str line)
{
    struct pn_str word = word_cut(&line);

    if (word.len < HEADER_MIN || pn_edits(word, PN_STR("postern")) > HEADER_EDITS)
        return false;
    while (line.len && strchr(":= \t", *line.ptr))
        line = pn_str_from(line, 1);
    return line.len && !memchr(line.ptr, ':', line.len);
}

/* A statement that a classic file cannot have. */
static bool
is_extended(struct pn_str line)
{
    static const char *const definitions[] = { "set", "env" };
    struct pn_str word = word_cut(&line);

    if (pn_str_is(word, "include"))
        return line.len && *line.ptr == '"';
    if (pn_str_is(word, "expect") || pn_str_is(word, "always"))
        return line.len && pn_str_has(line, ':');
    for (size_t i = 0; i < PN_COUNT_OF(definitions); i++)
        if (pn_str_is(word, definitions[i])) {
            word = word_cut(&line);
            return word.len && line.len && *line.ptr == '=';
        }
    return false;
}

static struct pn_span
span_of(const struct pn_source *source, struct pn_str line)
{
    return (struct pn_span){ (uint32_t)(line.ptr - source->text), (uint32_t)line.len };
}

/*
 * A classic file may hold any byte, and what is odd in it is told where it is. No text
 * begins as programs, documents and pictures do, or with that many NULs.
 */
static bool
is_text(struct pn_str text)
{
    static const char *const magics[] = { "\177ELF", "%PDF", "\x89PNG", "GIF8",
                                          "\xff\xd8\xff" };
    struct pn_str front = pn_str_to(text, text.len < FRONT ? text.len : FRONT);
    size_t nuls = 0;

    for (size_t i = 0; i < PN_COUNT_OF(magics); i++)
        if (pn_str_begins(text, magics[i]))
            return false;
    for (size_t i = 0; i < front.len; i++)
        nuls += !front.ptr[i];
    return nuls <= NULS_MAX;
}

/* Of what begins with <: the marks of a merge begin so too. */
static bool
is_page(struct pn_str text)
{
    size_t at = 0;

    while (at < text.len && text.ptr[at] != '<')
        at++;
    return at + 1 < text.len && (pn_is_letter(text.ptr[at + 1]) ||
                                 text.ptr[at + 1] == '!' || text.ptr[at + 1] == '?');
}

void
pn_file_kind_tell(const struct pn_source *source, struct pn_diags *out)
{
    struct pn_str text = { source->text, source->size }, first, line;
    enum pn_diag_id id = pn_list_file_fault(text);

    if ((id == PN_DIAG_LIST_BINARY && is_text(text)) ||
        (id == PN_DIAG_LIST_UTF16 && !pn_str_has(text, '\0')) ||
        (id == PN_DIAG_LIST_HTML && !is_page(text)))
        id = PN_DIAG_NONE;
    if (id != PN_DIAG_NONE) {
        struct pn_diag *diag = pn_diags_add(out, id, source, (struct pn_span){ 0, 0 });

        if (id == PN_DIAG_LIST_JSON)
            pn_diag_say(out, diag, PN_STR(""), "a rule file has a rule on each line");
        return;
    }
    if (pn_str_begins(text, "\xef\xbb\xbf"))
        text = pn_str_from(text, 3);
    first = line = next_line(&text);
    if (first.ptr && is_header(first)) {
        struct pn_diag *diag =
            pn_diags_add(out, PN_DIAG_BAD_HEADER, source, span_of(source, first));

        pn_diag_fix(out, diag, source, span_of(source, first), PN_STR("postern: 1"));
        return;
    }
    for (size_t i = 0; line.ptr && i < LINES_MAX; i++, line = next_line(&text))
        if (is_extended(line)) {
            pn_diags_add(out, PN_DIAG_NO_HEADER, source, span_of(source, line));
            return;
        }
}

bool
pn_file_kind_is_no_text(const struct pn_diags *told)
{
    static const enum pn_diag_id kinds[] = { PN_DIAG_LIST_PACKED, PN_DIAG_LIST_UTF16,
                                             PN_DIAG_LIST_BINARY, PN_DIAG_LIST_HTML,
                                             PN_DIAG_COMPILED_FILE };

    for (size_t i = 0; told->count && i < PN_COUNT_OF(kinds); i++)
        if (told->items[0].id == kinds[i])
            return true;
    return false;
}
