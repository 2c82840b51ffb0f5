/* Habits behind syntax errors: a row for each, with its function and its dialects. */
#include "grammar/habits.h"

#include <string.h>

#include "base/ascii.h"
#include "base/sizes.h"
#include "grammar/habits_extended.h"
#include "grammar/parser.h"
#include "grammar/words.h"

typedef bool (*habit_fn)(const struct pn_fault *fault, struct pn_habit *out);

/*
 * Only the carriage return is wrong: the rule is correct and its line end is not. A
 * return within the line means that the file has no other line ends.
 */
static bool
carriage_return(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str rest = pn_fault_rest(p);

    if (rest.len ? *rest.ptr != '\r' : !p->ends_in_return)
        return false;
    return pn_habit_tell(out, PN_DIAG_CARRIAGE_RETURN,
                         (struct pn_span){ (uint32_t)(rest.ptr - p->text), 1 });
}

/*
 * A backslash or a comma at the end of a line, meant to continue it. In the extended
 * dialect a comma does continue it.
 */
static bool
continued(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str rest = pn_fault_rest(p);

    if (pn_str_is(rest, ",") || pn_str_is(rest, "\\") || pn_str_is(rest, ",\\") ||
        pn_str_is(rest, ", \\"))
        return pn_habit_tell(out, PN_DIAG_CONTINUED_LINE, pn_fault_span(p, rest));
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
remark(const struct pn_fault *p, struct pn_habit *out)
{
    bool whole = p->kind == PN_TOK_NO_VERDICT;
    struct pn_str rest = pn_fault_rest(p);
    const char *from;

    if (!is_comment(rest) || (!whole && p->kind != PN_TOK_NO_COMMA))
        return false;
    for (from = rest.ptr; from > p->text + p->line && pn_is_gap(from[-1]);)
        from--;
    if (*rest.ptr == '#')
        pn_habit_mend(
            out,
            (struct pn_span){ (uint32_t)(from - p->text), (uint32_t)(rest.ptr - from) },
            whole ? "" : "\n", (struct pn_str){ "", 0 }, "");
    return pn_habit_tell(out, PN_DIAG_COMMENT_LINE, pn_fault_span(p, rest));
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
joined(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str rest = pn_fault_rest(p);

    if (!begins_rule(rest))
        return false;
    pn_habit_mend(out, (struct pn_span){ (uint32_t)(rest.ptr - p->text), 0 }, "\n",
                  (struct pn_str){ "", 0 }, "");
    return pn_habit_tell(out, PN_DIAG_JOINED_RULES, pn_fault_span(p, rest));
}

/* Could it be a key before a verdict: one word, without a colon unless it is IPv6? */
static bool
is_key(struct pn_str text)
{
    bool colon = false, six = true;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!c || pn_is_gap(c) || (!i && c == '#'))
            return false;
        colon |= c == ':';
        six &= strchr("0123456789abcdefABCDEF:.", c) != NULL;
    }
    return six || !colon;
}

static struct pn_str
key_before(const struct pn_fault *p, const char *colon)
{
    const char *from = p->text + p->line;

    while (from < colon && pn_is_gap(*from))
        from++;
    while (colon > from && pn_is_gap(colon[-1]))
        colon--;
    return (struct pn_str){ from, (size_t)(colon - from) };
}

/* In a classic line allow or deny follows a colon at once: the first such colon. */
static bool
classic_verdict(const struct pn_fault *p, struct pn_habit *out)
{
    const char *end = p->text + p->line_end;

    if (p->kind != PN_TOK_NO_VERDICT)
        return false;
    for (const char *at = p->text + p->span.offset; at < end; at++) {
        const char *verdict, *word = at + 1;
        struct pn_str text, key;

        if (*at != ':')
            continue;
        while (word < end && pn_is_gap(*word))
            word++;
        text = pn_fault_word_at(word, end);
        verdict = pn_verdict_of(text);
        if (!verdict)
            continue;
        key = key_before(p, at);
        if (is_key(key))
            pn_habit_mend(
                out,
                (struct pn_span){ p->line,
                                  (uint32_t)(text.ptr + text.len - p->text) - p->line },
                "", key, *verdict == 'a' ? ":allow" : ":deny");
        return pn_habit_tell(out, PN_DIAG_NO_VERDICT,
                             pn_fault_span(p, pn_fault_rest(p)));
    }
    return false;
}

static const char *
name_end(const char *at, const char *end)
{
    while (at < end && (pn_is_letter(*at) || pn_is_digit(*at) || *at == '_'))
        at++;
    return at;
}

/* A variable behind something else than one comma: a blank, a semicolon. */
static bool
other_comma(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    const char *name = at, *behind;

    if (p->kind != PN_TOK_NO_COMMA)
        return false;
    while (name < end && *name && strchr(" \t;", *name))
        name++;
    behind = name_end(name, end);
    if (name == at || behind == name || pn_is_digit(*name) || behind == end ||
        *behind != '=')
        return false;
    pn_habit_mend(out, (struct pn_span){ p->span.offset, (uint32_t)(name - at) }, ",",
                  PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_NO_COMMA, p->span);
}

/* ,NAME and ,NAME= and ,NAME=value and ,NAME="value: the last of its line, unfinished.
 */
static bool
unfinished(const struct pn_fault *p, struct pn_habit *out)
{
    static const struct {
        int kind;
        enum pn_diag_id id;
        const char *behind;
    } rows[] = {
        { PN_TOK_NO_SIGN, PN_DIAG_NO_EQUALS_SIGN, "=\"\"" },
        { PN_TOK_NO_VALUE, PN_DIAG_NO_VALUE, "\"\"" },
        { PN_TOK_NO_END_QUOTE, PN_DIAG_NO_END_QUOTE, "\"" },
    };
    struct pn_str text = pn_fault_rest(p);
    bool quoted = text.len && (*text.ptr == '"' || *text.ptr == '\'');
    const char *front = "";
    size_t i = 0;

    while (i < PN_COUNT_OF(rows) && rows[i].kind != p->kind)
        i++;
    if (i == PN_COUNT_OF(rows))
        return false;
    for (size_t k = 0; k < text.len; k++)
        if ((k && strchr(",\"'=#\\", text.ptr[k])) || pn_is_gap(text.ptr[k]) ||
            (unsigned char)text.ptr[k] >= 0x7f || (unsigned char)text.ptr[k] < ' ')
            return false;
    if (p->kind == PN_TOK_NO_SIGN && text.len < 2)
        return false;
    if (p->kind == PN_TOK_NO_END_QUOTE && !quoted)
        front = "\"";
    pn_habit_mend(out, pn_fault_span(p, text), front, text,
                  quoted && *text.ptr == '\'' ? "'" : rows[i].behind);
    return pn_habit_tell(out, rows[i].id, p->span);
}

/* In order: the first that matches reports. A quote explains more than a bare word. */
static const habit_fn classic[] = {
    carriage_return,      continued, other_comma,     remark,
    pn_habit_typographic, joined,    classic_verdict, unfinished,
};

bool
pn_habit_of(const struct pn_fault *fault, enum pn_dialect dialect, struct pn_habit *out)
{
    *out = (struct pn_habit){ .id = PN_DIAG_NONE };
    if (dialect == PN_EXTENDED)
        return pn_habit_extended(fault, out);
    for (size_t i = 0; i < PN_COUNT_OF(classic); i++)
        if (classic[i](fault, out))
            return true;
    return false;
}
