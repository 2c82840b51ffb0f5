/* Quotes, escapes, joined lines; what begins with $ or a backquote is one piece. */
#include "tools/script_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/vector.h"

static const char blanks[] = " \t";

static bool
is_among(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool
is_name_byte(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static size_t
name_size(const char *at, const char *end)
{
    size_t size = 0;

    while (at + size < end && is_name_byte(at[size], !size))
        size++;
    return size;
}

/* Behind the sign that closes what was opened at `at`: $( ), ${ } or backquotes. */
static const char *
piece_end(const char *at, const char *end)
{
    char open = at[1], close = open == '(' ? ')' : '}';
    size_t depth = 0;

    if (*at == '`') {
        for (at++; at < end && *at != '`'; at++)
            at += *at == '\\' && at + 1 < end;
        return at < end ? at + 1 : end;
    }
    for (at++; at < end; at++) {
        depth += *at == open;
        depth -= *at == close;
        if (!depth)
            return at + 1;
    }
    return end;
}

/* A piece that is worked out when the script runs: how long it is; 0 for none. */
static size_t
unknown_size(const char *at, const char *end)
{
    if (at >= end || (*at != '$' && *at != '`'))
        return 0;
    if (*at == '`' || (at + 1 < end && is_among(at[1], "({")))
        return (size_t)(piece_end(at, end) - at);
    if (at + 1 < end && is_among(at[1], "@*#?0123456789"))
        return 2;
    return at + 1 < end && is_name_byte(at[1], true) ? 1 + name_size(at + 1, end) : 0;
}

static void
blanks_pass(struct pn_words *w)
{
    while (w->at < w->end) {
        bool joined = *w->at == '\\' && w->at + 1 < w->end && w->at[1] == '\n';

        if (joined)
            w->at++;
        else if (!is_among(*w->at, blanks) && !(w->lines && *w->at == '\n'))
            return;
        w->at++;
    }
}

/* Without quotes a value is cut at its blanks, and one of nothing is no word. */
static void
unknown_add(struct pn_words *w, size_t size, bool quoted, struct pn_word *out)
{
    out->unknown = true;
    out->several |= !quoted || memchr(w->at, '@', size); /* "$@", "${OPTIONS[@]}" */
    pn_buffer_add(&out->text, w->at, size);
    w->at += size;
}

static bool
is_end(const struct pn_words *w, char c)
{
    return is_among(c, blanks) || c == '\n' || (!w->lines && is_among(c, ";|"));
}

/* The bytes of a word up to its end. */
static void
word_read(struct pn_words *w, struct pn_word *out)
{
    char quote = '\0';

    while (w->at < w->end && (quote || !is_end(w, *w->at))) {
        char c = *w->at;
        size_t size = quote == '\'' ? 0 : unknown_size(w->at, w->end);

        if (size) {
            unknown_add(w, size, quote == '"', out);
            continue;
        }
        w->at++;
        if (c == quote)
            quote = '\0';
        else if (!quote && is_among(c, "\"'"))
            quote = c;
        else if (c == '\\' && quote != '\'' && w->at < w->end && *w->at++ == '\n')
            continue;
        else
            pn_buffer_add(&out->text, c == '\\' && quote != '\'' ? w->at - 1 : &c, 1);
    }
}

bool
pn_words_next(struct pn_words *w, struct pn_word *out)
{
    out->text.size = 0;
    out->unknown = out->several = false;
    blanks_pass(w);
    if (w->at >= w->end || is_end(w, *w->at) || *w->at == '#')
        return false;
    word_read(w, out);
    pn_buffer_add(&out->text, "", 1);
    return !out->text.failed;
}

/* Of variables: what they are set to, as far as that is known. */
struct variables {
    struct pn_intern names;
    struct variable {
        struct pn_str value; /* in the script; ptr NULL: unknown */
    } * items;
    size_t capacity;
    bool failed;
};

static void
variable_set(struct variables *v, struct pn_str name, struct pn_str value)
{
    size_t before = v->names.count;
    uint32_t number;

    if (!pn_intern_add(&v->names, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&v->items, &v->capacity, v->names.count,
                           sizeof(*v->items))) {
        v->failed = true;
        return;
    }
    /* what is set twice is one or the other */
    v->items[number].value = number == before ? value : (struct pn_str){ NULL, 0 };
}

/* A value to the end of its statement, without anything that is worked out. */
static struct pn_str
value_of(const char *at, const char *end)
{
    char quote = at < end && is_among(*at, "\"'") ? *at++ : '\0';
    const char *start = at, *stop;

    while (at < end && *at != '\n' &&
           (quote ? *at != quote : !is_among(*at, " \t;&|#\"'")) &&
           !is_among(*at, "$`\\()"))
        at++;
    stop = at;
    if (quote && (at >= end || *at++ != quote))
        return (struct pn_str){ NULL, 0 };
    while (at < end && is_among(*at, blanks))
        at++;
    if (at < end && !is_among(*at, "\n;#"))
        return (struct pn_str){ NULL, 0 };
    return (struct pn_str){ start, (size_t)(stop - start) };
}

static bool
is_word(const char *at, const char *end, const char *word)
{
    size_t size = strlen(word);

    return (size_t)(end - at) >= size && memcmp(at, word, size) == 0 &&
           (at + size == end || is_among(at[size], " \t;\n"));
}

static const char *
word_find(const char *at, const char *end, const char *const *words)
{
    for (; *words; words++)
        if (is_word(at, end, *words))
            return *words;
    return NULL;
}

static const char *
blanks_skip(const char *at, const char *end)
{
    while (at < end && is_among(*at, blanks))
        at++;
    return at;
}

/* Where a script is read: how many branches, loops and functions are open here. */
struct place {
    const char *at, *end; /* the rest of the line */
    bool front;           /* nothing of the line was read yet */
    size_t depth;
};

/* Passes the words that a command stands behind; counts what they open and close. */
static void
branches_pass(struct place *p)
{
    static const char *const opens[] = { "if", "case", "while", "until", NULL };
    static const char *const closes[] = { "fi", "esac", "done", "}", NULL };
    static const char *const others[] = { "then", "do", "else", "elif", "!", NULL };

    for (;;) {
        const char *word;

        p->at = blanks_skip(p->at, p->end);
        if ((word = word_find(p->at, p->end, opens)))
            p->depth++;
        else if ((word = word_find(p->at, p->end, closes)))
            p->depth -= p->depth != 0;
        else if (!(word = word_find(p->at, p->end, others)))
            return;
        p->front = false;
        p->at += strlen(word);
    }
}

/* A variable that may be set here is known only by the one place that always sets it.
 */
static void
assignment_read(struct variables *v, const struct place *p)
{
    static const char *const before[] = { "export",  "readonly", "local",
                                          "typeset", "declare",  NULL };
    const char *at = p->at, *word = word_find(at, p->end, before), *value;
    size_t size;

    at = blanks_skip(word ? at + strlen(word) : at, p->end);
    size = name_size(at, p->end);
    value = at + size;
    if (size && value < p->end && *value == '=')
        variable_set(v, (struct pn_str){ at, size },
                     p->front && !p->depth ? value_of(value + 1, p->end)
                                           : (struct pn_str){ NULL, 0 });
    else if (size && p->end - value > 1 && memcmp(value, "+=", 2) == 0)
        variable_set(v, (struct pn_str){ at, size }, (struct pn_str){ NULL, 0 });
}

/* The commands of a line; false when one might set any variable. */
static bool
line_read(struct variables *v, struct place *p)
{
    static const char *const anything[] = { ".",   "source",  "eval",  "read",
                                            "for", "getopts", "unset", NULL };

    for (p->front = true; p->at < p->end; p->front = false) {
        branches_pass(p);
        if (p->at < p->end && *p->at == '#')
            return true;
        if (word_find(p->at, p->end, anything))
            return false;
        assignment_read(v, p);
        while (p->at < p->end && !is_among(*p->at, ";&|({)"))
            p->at++;
        if (p->at < p->end && *p->at == '{' &&
            blanks_skip(p->at + 1, p->end) == p->end) /* a function's */
            p->depth++;
        p->at += p->at < p->end;
    }
    return true;
}

/* False when something else may set them: then none is known. */
static bool
variables_read(struct variables *v, struct pn_str text)
{
    static const char folder[] = "envdir";
    const char *at = text.ptr, *end = text.ptr + text.len;
    struct place place = { .depth = 0 };

    for (const char *e = at; (size_t)(end - e) >= sizeof(folder) - 1; e++)
        if (memcmp(e, folder, sizeof(folder) - 1) == 0)
            return false;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        place.at = at;
        place.end = newline ? newline : end;
        if (!line_read(v, &place))
            return false;
        at = newline ? newline + 1 : end;
    }
    return true;
}

/* $NAME or ${NAME}: how much of the text it is, and what it is known to be. */
static size_t
reference_read(const struct variables *v, const char *at, const char *end,
               struct pn_str *value)
{
    bool braces = at + 1 < end && at[1] == '{';
    const char *name = at + 1 + braces;
    size_t size = *at == '$' ? name_size(name, end) : 0;
    uint32_t number;

    if (!size || (braces && (name + size >= end || name[size] != '}')) ||
        !pn_intern_find(&v->names, name, size, &number) || !v->items ||
        !v->items[number].value.ptr)
        return 0;
    *value = v->items[number].value;
    return 1 + size + 2 * (size_t)braces;
}

static void
references_put(const struct variables *v, struct pn_str text, struct pn_buffer *out)
{
    const char *end = text.ptr + text.len;
    bool literal = false, quoted = false;

    for (const char *at = text.ptr; at < end;) {
        struct pn_str value;
        size_t size = literal ? 0 : reference_read(v, at, end, &value);

        if (size) {
            pn_buffer_add(out, value.ptr, value.len);
            at += size;
            continue;
        }
        quoted ^= *at == '"' && !literal;
        literal ^= *at == '\'' && !quoted;
        literal = literal && *at != '\n';
        quoted = quoted && *at != '\n';
        size = *at == '\\' && at + 1 < end && at[1] != '\n' && !literal ? 2 : 1;
        pn_buffer_add(out, at, size);
        at += size;
    }
}

bool
pn_script_expand(struct pn_str text, struct pn_buffer *out)
{
    struct variables v = { .failed = false };

    if (!variables_read(&v, text))
        pn_intern_clear(&v.names);
    if (!v.failed)
        references_put(&v, text, out);
    pn_buffer_add(out, "", 1); /* the byte behind a text is NUL */
    pn_intern_clear(&v.names);
    free(v.items);
    return !v.failed && !out->failed;
}
