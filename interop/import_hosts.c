/*
 * hosts.allow and hosts.deny of tcp wrappers, as hosts_access(5) and hosts_options(5)
 * have them: the first line that matches decides, and who none matches is allowed.
 */
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/list_words.h"
#include "interop/import_hosts_words.h"

enum { LINE_MAX_SIZE = 2046 }; /* longer lines are passed over by tcp wrappers */

/* What a `*` and `?` pattern is for names of daemons, without regard to case. */
static bool
is_like(struct pn_str text, struct pn_str pattern)
{
    size_t at = 0, t = 0, star = SIZE_MAX, mark = 0;

    while (t < text.len)
        if (at < pattern.len && pattern.ptr[at] == '*') {
            star = at++;
            mark = t;
        } else if (at < pattern.len &&
                   (pattern.ptr[at] == '?' ||
                    pn_lower(pattern.ptr[at]) == pn_lower(text.ptr[t]))) {
            at++;
            t++;
        } else if (star != SIZE_MAX) {
            at = star + 1;
            t = ++mark;
        } else
            return false;
    while (at < pattern.len && pattern.ptr[at] == '*')
        at++;
    return at == pattern.len;
}

static bool
daemon_is(struct pn_str word, struct pn_str name)
{
    size_t len = word.len;

    if (pn_import_is(word, "ALL") || pn_import_is(word, "KNOWN"))
        return true;
    if (pn_str_has(word, '*') || pn_str_has(word, '?'))
        return is_like(name, word);
    if (word.ptr[0] == '.')
        return name.len > len &&
               strncasecmp(name.ptr + name.len - len, word.ptr, len) == 0;
    if (word.ptr[len - 1] == '.')
        return name.len >= len && strncasecmp(name.ptr, word.ptr, len) == 0;
    return name.len == len && strncasecmp(name.ptr, word.ptr, len) == 0;
}

/* A word may say at which of the machine's addresses: ours is asked at one. */
static bool
daemon_word(struct pn_hosts_line *line, struct pn_str word, struct pn_str name,
            bool excepts)
{
    const char *at = memchr(word.ptr + 1, '@', word.len - 1);

    if (!at)
        return daemon_is(word, name);
    if (!daemon_is(pn_str_to(word, (size_t)(at - word.ptr)), name))
        return false;
    pn_import_note(line->import, line->file, line->number,
                   "\"%.*s\" is for some of the server's addresses: it is taken for %s",
                   PN_IMPORT_QUOTED(word), line->allows == excepts ? "all" : "none");
    return line->allows == excepts;
}

/* Does a list of daemons hold one? NULL: one that no list names. */
static bool
list_has(struct pn_hosts_line *line, struct pn_str list, const char *daemon)
{
    const struct pn_str name = pn_str_of_text(daemon ? daemon : "");
    struct pn_str word;
    bool held = false, excepts = false;
    unsigned levels = 0;

    /* a, but not b, unless c: how many levels have it in a row decides */
    while ((word = pn_hosts_word(&list)).len) {
        if (pn_import_is(word, "EXCEPT")) {
            if (!held)
                break;
            levels++;
            held = false;
            excepts = !excepts;
            continue;
        }
        held = held || daemon_word(line, word, name, excepts);
    }
    return (levels + held) % 2;
}

/* A comma is none of these. */
static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct pn_str
trim(struct pn_str text)
{
    while (text.len && is_blank(*text.ptr))
        text = pn_str_from(text, 1);
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* Cuts at a colon that is not in brackets; the rest is left, NULL without one. */
static struct pn_str
field_cut(struct pn_str *rest)
{
    struct pn_str field;
    int depth = 0;

    for (size_t i = 0; i < rest->len; i++) {
        char c = rest->ptr[i];

        depth += (c == '[') - (c == ']');
        if (c == ':' && !depth) {
            field = pn_str_to(*rest, i);
            *rest = pn_str_from(*rest, i + 1);
            return field;
        }
    }
    field = *rest;
    *rest = (struct pn_str){ NULL, 0 };
    return field;
}

/* Where options change the verdict, the last does. */
static struct pn_str
last_field(struct pn_str options)
{
    size_t at = options.len;

    while (at && options.ptr[at - 1] != ':')
        at--;
    return trim(pn_str_from(options, at));
}

static void
rule_add(struct pn_hosts_line *line, struct pn_str clients)
{
    struct pn_ladder *ladder = line->ladder;

    pn_hosts_clients(line, clients);
    line->import->failed |= !pn_ladder_rule_add(
        ladder, (struct pn_ladder_rule){ .count = line->count,
                                         .tail = line->tail,
                                         .tail_size = ladder->tails.size - line->tail,
                                         .allows = line->allows,
                                         .file = line->file,
                                         .line = line->number });
}

/* Its lists and its verdict. A word that leads to another file, or to the network, is
 * an address that nobody has. */
static void
line_native(struct pn_hosts_line *line, struct pn_str daemons, struct pn_str clients)
{
    struct pn_buffer text = { 0 };
    struct pn_str word;

    if (!line->import->wants.native)
        return;
    while ((word = pn_hosts_word(&clients)).len) {
        struct pn_str host = word;
        bool is_elsewhere;

        if (pn_str_has(pn_str_from(word, 1), '@'))
            (void)pn_str_cut(&host, '@');
        is_elsewhere = host.len && (*host.ptr == '/' || *host.ptr == '@');
        pn_buffer_add_text(&text, " ");
        pn_buffer_add_str(&text, is_elsewhere ? pn_str_of_text("0.0.0.1") : word);
    }
    pn_import_native(line->import, "%.*s:%.*s: %s", PN_IMPORT_TEXT_OF(daemons),
                     PN_IMPORT_TEXT_OF(pn_str_of(&text)),
                     line->allows ? "allow" : "deny");
    line->import->failed |= text.failed;
    pn_buffer_free(&text);
}

/* A line that is joined to those it is continued by. */
static void
line_import(struct pn_hosts_line *line, struct pn_str text)
{
    struct pn_str rest = text, daemons, clients;
    const char *daemon = line->import->wants.daemon;

    if (!trim(text).len || text.ptr[0] == '#')
        return;
    if (text.len > LINE_MAX_SIZE || pn_str_has(text, '\0')) {
        pn_import_error(
            line->import, line->file, line->number,
            "longer than the 2046 bytes that tcp wrappers read of a line, or "
            "with a NUL in it");
        return;
    }
    daemons = field_cut(&rest);
    if (!rest.ptr) {
        pn_import_note(line->import, line->file, line->number,
                       "without a colon: tcp wrappers pass the line over");
        return;
    }
    clients = field_cut(&rest);
    line->allows = pn_import_is(last_field(rest), "allow") ||
                   (!line->file && !pn_import_is(last_field(rest), "deny"));
    if (!list_has(line, daemons, daemon)) {
        line_native(line, daemons, clients);
        if (!daemon)
            pn_import_note(line->import, line->file, line->number,
                           "of other daemons than ALL: --daemon NAME says of which");
        return;
    }
    line->tail = line->ladder->tails.size;
    pn_hosts_options(line, rest);
    line_native(line, daemons, clients);
    rule_add(line, clients);
}

static void
file_import(struct pn_hosts_line *line)
{
    const struct pn_source *file = &line->import->files[line->file];
    struct pn_import_lines lines = pn_import_lines_of(file);
    struct pn_buffer text = { 0 };

    line->number = 0;
    while (pn_import_line_next(&lines) && !line->import->failed) {
        struct pn_str part = lines.line;
        const char *end = part.ptr + part.len;

        line->number = line->number ? line->number : lines.number;
        if (part.len && end[-1] == '\\' && *end == '\n') {
            pn_buffer_add(&text, part.ptr, part.len - 1);
            if (lines.rest.len)
                continue;
        } else
            pn_buffer_add(&text, part.ptr, part.len);
        line->import->failed |= text.failed;
        line->count = 0;
        if (text.failed)
            break;
        if (file->text[file->size - 1] != '\n' && !lines.rest.len &&
            trim(pn_str_of(&text)).len && text.bytes[0] != '#')
            pn_import_note(line->import, line->file, line->number,
                           "without a newline at its end: tcp wrappers pass it over");
        else
            line_import(line, pn_str_of(&text));
        text.size = 0;
        line->number = 0;
    }
    pn_buffer_free(&text);
}

void
pn_import_hosts_allow(struct pn_import *import)
{
    struct pn_ladder ladder = { 0 };
    struct pn_hosts_line line = { .import = import, .ladder = &ladder };

    if (import->file_count > 2)
        pn_import_error(import, 2, 0, "hosts.allow and hosts.deny are wanted, no more");
    for (; line.file < import->file_count && line.file < 2; line.file++)
        file_import(&line);
    import->failed |=
        !pn_ladder_pattern_add(&ladder,
                               (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY }) ||
        !pn_ladder_rule_add(&ladder,
                            (struct pn_ladder_rule){ .count = 1, .allows = true });
    if (!import->failed && !import->has_errors)
        pn_ladder_write(&ladder, import);
    pn_ladder_clear(&ladder);
}
