/* Habits behind syntax errors: a row for each, with its function and its dialects. */
#include "grammar/habits.h"

#include <string.h>

#include "base/sizes.h"
#include "grammar/parser.h"
#include "grammar/verdict_words.h"

/*
 * How far around a fault the text is examined: a hostile line is long and has many
 * faults.
 */
enum { LOOK_BACK = 4096, LOOK_AHEAD = 65536, TOKENS_BACK = 256 };

/* A token that fits nowhere, the one before it, and the line that it stands on. */
struct place {
    const struct pn_tree *tree;
    uint32_t token;
    struct pn_span span;
    const char *text;        /* of the source */
    uint32_t line, line_end; /* without its newline and carriage return */
    bool ends_in_return;
    int before; /* its kind; PN_TOK_NEWLINE at the start of a statement */
    int first;  /* the kind of the first token of the statement */
};

typedef bool (*habit_fn)(const struct place *place, struct pn_habit *out);

static int
kind_of(const struct pn_tree *tree, uint32_t token)
{
    return tree->tokens[token].kind;
}

static struct place
place_of(const struct pn_tree *tree, uint32_t token)
{
    const struct pn_source *source = tree->source;
    struct place p = { .tree = tree,
                       .token = token,
                       .span = pn_token_span(tree->tokens[token]),
                       .text = source->text,
                       .before = token ? kind_of(tree, token - 1) : PN_TOK_NEWLINE };
    size_t ahead = source->size - p.span.offset;
    uint32_t first = token;
    const char *end;

    while (first && token - first < TOKENS_BACK &&
           kind_of(tree, first - 1) != PN_TOK_NEWLINE)
        first--;
    p.first = kind_of(tree, first);
    p.line = p.span.offset;
    while (p.line && p.span.offset - p.line < LOOK_BACK && p.text[p.line - 1] != '\n')
        p.line--;
    if (ahead > LOOK_AHEAD)
        ahead = LOOK_AHEAD;
    end = memchr(p.text + p.span.offset, '\n', ahead);
    p.line_end = end ? (uint32_t)(end - p.text) : p.span.offset + (uint32_t)ahead;
    p.ends_in_return = p.line_end > p.line && p.text[p.line_end - 1] == '\r';
    p.line_end -= p.ends_in_return;
    return p;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* From the token to the end of the line, without blanks around it. */
static struct pn_str
rest_of(const struct place *p)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;

    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    return (struct pn_str){ at, end > at ? (size_t)(end - at) : 0 };
}

static struct pn_span
span_of(const struct place *p, struct pn_str text)
{
    return (struct pn_span){ (uint32_t)(text.ptr - p->text), (uint32_t)text.len };
}

static bool
is(struct pn_str text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

static bool
told(struct pn_habit *out, enum pn_diag_id id, struct pn_span at)
{
    out->id = id;
    out->at = at;
    return true;
}

static void
mended(struct pn_habit *out, struct pn_span span, const char *front, struct pn_str text,
       const char *back)
{
    out->mended = span;
    pn_buffer_add_text(&out->fix, front);
    pn_buffer_add(&out->fix, text.ptr, text.len);
    pn_buffer_add_text(&out->fix, back);
    out->has_fix = !out->fix.failed;
}

/*
 * Only the carriage return is wrong: the rule is correct and its line end is not. A
 * return within the line means that the file has no other line ends.
 */
static bool
carriage_return(const struct place *p, struct pn_habit *out)
{
    struct pn_str rest = rest_of(p);

    if (rest.len ? *rest.ptr != '\r' : !p->ends_in_return)
        return false;
    return told(out, PN_DIAG_CARRIAGE_RETURN,
                (struct pn_span){ (uint32_t)(rest.ptr - p->text), 1 });
}

/*
 * A backslash or a comma at the end of a line, meant to continue it. In the extended
 * dialect a comma does continue it.
 */
static bool
continued(const struct place *p, struct pn_habit *out)
{
    struct pn_str rest = rest_of(p);

    if (is(rest, ",") || is(rest, "\\") || is(rest, ",\\") || is(rest, ", \\"))
        return told(out, PN_DIAG_CONTINUED_LINE, span_of(p, rest));
    return false;
}

static bool
is_comment(struct pn_str text)
{
    return text.len && (*text.ptr == '#' || *text.ptr == ';' ||
                        (text.len > 1 && memcmp(text.ptr, "//", 2) == 0));
}

/* A remark behind a rule, or with blanks or another sign before it. */
static bool
remark(const struct place *p, struct pn_habit *out)
{
    bool whole = kind_of(p->tree, p->token) == PN_TOK_NO_VERDICT;
    struct pn_str rest = rest_of(p);
    const char *from;

    if (!is_comment(rest) || (!whole && kind_of(p->tree, p->token) != PN_TOK_NO_COMMA))
        return false;
    for (from = rest.ptr; from > p->text + p->line && is_blank(from[-1]);)
        from--;
    if (*rest.ptr == '#')
        mended(
            out,
            (struct pn_span){ (uint32_t)(from - p->text), (uint32_t)(rest.ptr - from) },
            whole ? "" : "\n", (struct pn_str){ "", 0 }, "");
    return told(out, PN_DIAG_COMMENT_LINE, span_of(p, rest));
}

static const char *const quotes[] = {
    "\u201c", "\u201d", "\u201e", "\u201f", "\u2018", "\u2019", "\u201a", "\u00ab",
    "\u00bb", "\u2039", "\u203a", "\u2033", "\u300c", "\u300d", "\uff02"
};

/* The size of the typographic quote that a text begins with; 0 for none. */
static size_t
quote_size(const char *at, const char *end)
{
    if ((unsigned char)*at < 0x80)
        return 0;
    for (size_t i = 0; i < PN_COUNT_OF(quotes); i++) {
        size_t size = strlen(quotes[i]);

        if ((size_t)(end - at) >= size && memcmp(at, quotes[i], size) == 0)
            return size;
    }
    return 0;
}

/* The quote that opens the value, path or word that the token belongs to. */
static const char *
quote_find(const struct place *p)
{
    const char *end = p->text + p->line_end;

    for (const char *at = p->text + p->line; at < end; at++) {
        const char *back = at;

        if (!quote_size(at, end))
            continue;
        while (back > p->text + p->line && is_blank(back[-1]))
            back--;
        if (back == p->text + p->line)
            return NULL;
        return back[-1] == '=' || back < at ? at : NULL;
    }
    return NULL;
}

static bool
typographic(const struct place *p, struct pn_habit *out)
{
    const char *end = p->text + p->line_end, *open = quote_find(p), *at;
    struct pn_str value;

    if (!open)
        return false;
    value.ptr = open + quote_size(open, end);
    for (at = value.ptr; at < end && !quote_size(at, end) && *at != '"'; at++)
        continue;
    value.len = (size_t)(at - value.ptr);
    if (at < end) {
        size_t close = *at == '"' ? 1 : quote_size(at, end);

        mended(out,
               (struct pn_span){ (uint32_t)(open - p->text),
                                 (uint32_t)(at + close - open) },
               "\"", value, "\"");
    }
    return told(out, PN_DIAG_TYPOGRAPHIC_QUOTE,
                (struct pn_span){ (uint32_t)(open - p->text),
                                  (uint32_t)quote_size(open, end) });
}

/* Is it a classic key up to its colon, with allow or deny behind it? */
static bool
begins_rule(struct pn_str text)
{
    static const char bytes[] = "0123456789abcdefABCDEF.:-";
    bool name = text.len && text.ptr[0] == '=';

    for (size_t i = name; i < text.len; i++) {
        struct pn_str left = { text.ptr + i + 1, text.len - i - 1 };

        if (text.ptr[i] == ':' && ((left.len >= 5 && !memcmp(left.ptr, "allow", 5)) ||
                                   (left.len >= 4 && !memcmp(left.ptr, "deny", 4))))
            return true;
        if (!strchr(bytes, text.ptr[i]) && (!name || strchr(" \t,=\"", text.ptr[i])))
            return false;
    }
    return false;
}

/* Two files were put together, and the first had no newline at its end. */
static bool
joined(const struct place *p, struct pn_habit *out)
{
    struct pn_str rest = rest_of(p);

    if (!begins_rule(rest))
        return false;
    mended(out, (struct pn_span){ (uint32_t)(rest.ptr - p->text), 0 }, "\n",
           (struct pn_str){ "", 0 }, "");
    return told(out, PN_DIAG_JOINED_RULES, span_of(p, rest));
}

static bool
is_word_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

static struct pn_str
word_at(const char *at, const char *end)
{
    const char *to = at;

    while (to < end && is_word_byte(*to))
        to++;
    return (struct pn_str){ at, (size_t)(to - at) };
}

/* The whole word that begins with the token, which may be shorter. */
static struct pn_str
word_of(const struct place *p)
{
    return word_at(p->text + p->span.offset, p->text + p->line_end);
}

/* Could it be a key before a verdict: one word, without a colon unless it is IPv6? */
static bool
is_key(struct pn_str text)
{
    bool colon = false, six = true;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!c || is_blank(c) || (!i && c == '#'))
            return false;
        colon |= c == ':';
        six &= strchr("0123456789abcdefABCDEF:.", c) != NULL;
    }
    return six || !colon;
}

static struct pn_str
key_before(const struct place *p, const char *colon)
{
    const char *from = p->text + p->line;

    while (from < colon && is_blank(*from))
        from++;
    while (colon > from && is_blank(colon[-1]))
        colon--;
    return (struct pn_str){ from, (size_t)(colon - from) };
}

/* In a classic line allow or deny follows a colon at once: the first such colon. */
static bool
classic_verdict(const struct place *p, struct pn_habit *out)
{
    const char *end = p->text + p->line_end;

    if (kind_of(p->tree, p->token) != PN_TOK_NO_VERDICT)
        return false;
    for (const char *at = p->text + p->span.offset; at < end; at++) {
        const char *verdict, *word = at + 1;
        struct pn_str text, key;

        if (*at != ':')
            continue;
        while (word < end && is_blank(*word))
            word++;
        text = word_at(word, end);
        verdict = pn_verdict_of(text);
        if (!verdict)
            continue;
        key = key_before(p, at);
        if (is_key(key))
            mended(out,
                   (struct pn_span){
                       p->line, (uint32_t)(text.ptr + text.len - p->text) - p->line },
                   "", key, *verdict == 'a' ? ":allow" : ":deny");
        return told(out, PN_DIAG_NO_VERDICT, span_of(p, rest_of(p)));
    }
    return false;
}

static bool
is_rule(const struct place *p)
{
    return p->first != PN_TOK_EXPECT && p->first != PN_TOK_ALWAYS;
}

/* Behind the colon of a rule stands one of three words. */
static bool
foreign_verdict(const struct place *p, struct pn_habit *out)
{
    struct pn_str word = word_of(p);
    const char *verdict;

    if (p->before != PN_TOK_COLON || !is_rule(p) || !word.len)
        return false;
    verdict = pn_verdict_of(word);
    if (verdict)
        mended(out, span_of(p, word), verdict, (struct pn_str){ "", 0 }, "");
    return told(out, PN_DIAG_BAD_VERDICT, span_of(p, word));
}

/* Extends a word to its end, with dots and slashes. */
static struct pn_str
bare_of(const char *at, const char *end)
{
    const char *to = at;

    while (to < end && !strchr(" \t,#\"'{}", *to))
        to++;
    return (struct pn_str){ at, (size_t)(to - at) };
}

/* A path behind file or include, a text behind reject, owner or ticket. */
static bool
unquoted_word(const struct place *p, struct pn_habit *out)
{
    static const int before[] = { PN_TOK_LIST, PN_TOK_INCLUDE, PN_TOK_REJECT,
                                  PN_TOK_OWNER, PN_TOK_TICKET };
    struct pn_str bare = bare_of(p->text + p->span.offset, p->text + p->line_end);

    for (size_t i = 0; bare.len && i < PN_COUNT_OF(before); i++)
        if (p->before == before[i]) {
            mended(out, span_of(p, bare), "\"", bare, "\"");
            return told(out, PN_DIAG_NO_QUOTES, span_of(p, bare));
        }
    return false;
}

/* NAME=value without its quotes. */
static bool
unquoted_value(const struct place *p, struct pn_habit *out)
{
    struct pn_str name = word_of(p), value;
    const char *sign = name.ptr + name.len, *end = p->text + p->line_end;

    if (!name.len || sign >= end || *sign != '=')
        return false;
    value = bare_of(sign + 1, end);
    if (!value.len && sign + 1 < end && strchr("\"'", sign[1]))
        return false;
    mended(out, span_of(p, value), "\"", value, "\"");
    return told(out, PN_DIAG_NO_QUOTES,
                span_of(p, (struct pn_str){ name.ptr, name.len + 1 + value.len }));
}

/* The size of allow, deny or block at the start of a text; 0 for none. */
static size_t
verdict_size(const char *at, const char *end)
{
    static const char *const words[] = { "allow", "deny", "block" };

    for (size_t i = 0; i < PN_COUNT_OF(words); i++) {
        size_t size = strlen(words[i]);

        if ((size_t)(end - at) >= size && memcmp(at, words[i], size) == 0)
            return size;
    }
    return 0;
}

/*
 * A second rule on the same line: a target, a colon and a verdict behind a complete
 * rule.
 */
static bool
joined_policy(const struct place *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    const char *behind;

    if (p->before == PN_TOK_COLON)
        at += verdict_size(at, end);
    if (at == p->text + p->span.offset ? p->before == PN_TOK_NEWLINE
                                       : at >= end || !strchr("0123456789=*$[", *at))
        return false;
    for (behind = at; behind < end && *behind != ' ' && *behind != '"'; behind++)
        continue;
    while (behind < end && (is_blank(*behind) || *behind == ':'))
        behind++;
    if (behind == at || behind[-1] == '"' || !verdict_size(behind, end) ||
        !memchr(at, ':', (size_t)(behind - at)))
        return false;
    mended(out, (struct pn_span){ (uint32_t)(at - p->text), 0 }, "\n",
           (struct pn_str){ "", 0 }, "");
    return told(out, PN_DIAG_JOINED_RULES,
                (struct pn_span){ (uint32_t)(at - p->text), (uint32_t)(end - at) });
}

static bool
backslash(const struct place *p, struct pn_habit *out)
{
    struct pn_str rest = rest_of(p);

    return is(rest, "\\") && told(out, PN_DIAG_CONTINUED_LINE, span_of(p, rest));
}

/* In order: the first that matches reports. A quote explains more than a bare word. */
static const struct {
    enum pn_dialect dialect;
    habit_fn knows;
} habits[] = {
    { PN_CLASSIC, carriage_return },  { PN_CLASSIC, continued },
    { PN_CLASSIC, remark },           { PN_CLASSIC, typographic },
    { PN_CLASSIC, joined },           { PN_CLASSIC, classic_verdict },
    { PN_EXTENDED, backslash },       { PN_EXTENDED, typographic },
    { PN_EXTENDED, unquoted_word },   { PN_EXTENDED, joined_policy },
    { PN_EXTENDED, foreign_verdict }, { PN_EXTENDED, unquoted_value },
};

bool
pn_habit_of(const struct pn_tree *tree, enum pn_dialect dialect, uint32_t token,
            struct pn_habit *out)
{
    struct place place = place_of(tree, token);

    *out = (struct pn_habit){ .id = PN_DIAG_NONE };
    for (size_t i = 0; i < PN_COUNT_OF(habits); i++)
        if (habits[i].dialect == dialect && habits[i].knows(&place, out))
            return true;
    return false;
}
