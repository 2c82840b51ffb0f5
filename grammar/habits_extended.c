/* Habits of the extended dialect: a row for each. */
#include "grammar/habits_extended.h"

#include <string.h>

#include "base/ascii.h"
#include "base/sizes.h"
#include "grammar/parser.h"
#include "grammar/words.h"

static bool
is_rule(const struct pn_fault *p)
{
    return p->first != PN_TOK_EXPECT && p->first != PN_TOK_ALWAYS;
}

/* Behind the colon of a rule stands one of three words. */
static bool
foreign_verdict(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str word = pn_fault_word(p);
    const char *verdict;

    if (p->before != PN_TOK_COLON || !is_rule(p) || !word.len ||
        p->kind == PN_TOK_SETTING)
        return false;
    verdict = pn_verdict_of(word);
    if (verdict)
        pn_habit_mend(out, pn_fault_span(p, word), verdict, (struct pn_str){ "", 0 },
                      "");
    return pn_habit_tell(out, PN_DIAG_BAD_VERDICT, pn_fault_span(p, word));
}

/* A path behind file or include, a text behind reject, owner or ticket. */
static bool
unquoted_word(const struct pn_fault *p, struct pn_habit *out)
{
    static const int before[] = { PN_TOK_LIST, PN_TOK_INCLUDE, PN_TOK_REJECT,
                                  PN_TOK_OWNER, PN_TOK_TICKET };
    const char *end = p->text + p->line_end;
    struct pn_str bare = pn_fault_bare_at(p->text + p->span.offset, end);
    const char *behind = bare.ptr + bare.len;
    enum { PATHS = 2 }; /* the first of them */

    if (pn_str_is(bare, "="))
        return false;
    while (behind < end && pn_is_gap(*behind))
        behind++;
    for (size_t i = 0; bare.len && i < PN_COUNT_OF(before); i++)
        if (p->before == before[i]) {
            /* a text of several words is not the first of them */
            if (i < PATHS || behind == end || strchr(",#", *behind))
                pn_habit_mend(out, pn_fault_span(p, bare), "\"", bare, "\"");
            return pn_habit_tell(out, PN_DIAG_NO_QUOTES, pn_fault_span(p, bare));
        }
    return false;
}

/* NAME=value without its quotes. */
static bool
unquoted_value(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str name = pn_fault_word(p), value;
    const char *sign = name.ptr + name.len, *end = p->text + p->line_end;

    if (!name.len || sign >= end || *sign != '=')
        return false;
    value = pn_fault_bare_at(sign + 1, end);
    if (!value.len && sign + 1 < end && strchr("\"'", sign[1]))
        return false;
    if (!pn_str_begins(value, "=")) /* one sign too many */
        pn_habit_mend(out, pn_fault_span(p, value), "\"", value, "\"");
    return pn_habit_tell(
        out, PN_DIAG_NO_QUOTES,
        pn_fault_span(p, (struct pn_str){ name.ptr, name.len + 1 + value.len }));
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
joined_policy(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    const char *behind;

    if (p->before == PN_TOK_COLON)
        at += verdict_size(at, end);
    if (p->kind == PN_TOK_COLON)
        return false;
    if (at == p->text + p->span.offset ? !pn_expects(p->expected, PN_TOK_NEWLINE)
                                       : at >= end || !strchr("0123456789=*$[", *at))
        return false; /* what stands before it is no whole rule */
    for (behind = at; behind < end && *behind != ' ' && *behind != '"'; behind++)
        continue;
    while (behind < end && (pn_is_gap(*behind) || *behind == ':'))
        behind++;
    if (behind == at || behind[-1] == '"' || !verdict_size(behind, end) ||
        !memchr(at, ':', (size_t)(behind - at)))
        return false;
    pn_habit_mend(out, (struct pn_span){ (uint32_t)(at - p->text), 0 }, "\n",
                  (struct pn_str){ "", 0 }, "");
    return pn_habit_tell(
        out, PN_DIAG_JOINED_RULES,
        (struct pn_span){ (uint32_t)(at - p->text), (uint32_t)(end - at) });
}

static bool
backslash(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str rest = pn_fault_rest(p);

    return pn_str_is(rest, "\\") &&
           pn_habit_tell(out, PN_DIAG_CONTINUED_LINE, pn_fault_span(p, rest));
}

/* A quote that is open at the end of the line: closed there, when nothing follows it.
 */
static bool
open_quote(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str text = pn_fault_token(p, p->token);

    if (p->kind != PN_TOK_NO_END_QUOTE)
        return false;
    while (text.len && strchr(" \t\r", text.ptr[text.len - 1]))
        text.len--;
    if (text.len && !memchr(text.ptr, ',', text.len) &&
        !memchr(text.ptr, '#', text.len) && !memchr(text.ptr, '\\', text.len))
        pn_habit_mend(out, pn_fault_span(p, text), "", text,
                      *text.ptr == '"' ? "\"" : "'");
    out->help = "a text in quotes ends in the quote that it begins with, on its line";
    return pn_habit_tell(out, PN_DIAG_NO_END_QUOTE, p->span);
}

/* TARGET :: allow, where the colons were read as the beginning of an IPv6 address. */
static bool
double_colon(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    const char *behind = at + 2;

    if (end - at < 2 || at[0] != ':' || at[1] != ':')
        return false;
    while (behind < end && pn_is_gap(*behind))
        behind++;
    if (!verdict_size(behind, end))
        return false;
    pn_buffer_add_text(&out->message, "one colon ends the targets");
    pn_habit_mend(out, (struct pn_span){ p->span.offset, 2 }, ":", PN_STR(""),
                  behind == at + 2 ? " " : "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED,
                         (struct pn_span){ p->span.offset, 2 });
}

/* ": deny", as the default is written in a classic file. */
static bool
no_target(const struct pn_fault *p, struct pn_habit *out)
{
    if (p->kind != PN_TOK_COLON || p->before != PN_TOK_NEWLINE || p->in_braces)
        return false;
    pn_buffer_add_text(&out->message, "no target stands before this colon");
    out->help = "the default is written * : deny, or * : allow";
    pn_habit_mend(out, p->span, "* :", PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, p->span);
}

/* The quoted text that begins here; none when it does not end on the line. */
static struct pn_str
quoted_at(const char *at, const char *end)
{
    const char *close = NULL;

    if (at < end && (*at == '"' || *at == '\''))
        close = memchr(at + 1, *at, (size_t)(end - at) - 1);
    return (struct pn_str){ at, close ? (size_t)(close + 1 - at) : 0 };
}

/* NAME = "value", NAME: "value", NAME "value", "NAME"="value". */
static bool
loose_setting(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    struct pn_str name = pn_fault_word(p), quoted = quoted_at(at, end), value;

    if (!pn_expects(p->expected, PN_TOK_SETTING))
        return false;
    if (quoted.len > 2)
        name = (struct pn_str){ at + 1, quoted.len - 2 };
    if (!pn_is_plain_word(name) ||
        (!quoted.len && (pn_is_word(name) || pn_word_of(name, p->expected))))
        return false;
    at += quoted.len ? quoted.len : name.len;
    while (at < end && pn_is_gap(*at))
        at++;
    if (at < end && (*at == '=' || *at == ':'))
        at++;
    while (at < end && pn_is_gap(*at))
        at++;
    value = quoted_at(at, end);
    if (!value.len)
        return false;
    pn_buffer_add_text(&out->message, "a variable is written NAME=\"value\", without "
                                      "blanks or quotes around its name");
    pn_habit_mend(
        out,
        (struct pn_span){ p->span.offset, (uint32_t)(value.ptr + value.len - p->text) -
                                              p->span.offset },
        "", name, "=");
    pn_buffer_add(&out->fix, value.ptr, value.len);
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, out->mended);
}

/* MY-NAME="value", 2ND="value". */
static bool
bad_name(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str bare =
        pn_fault_bare_at(p->text + p->span.offset, p->text + p->line_end);
    const char *sign = memchr(bare.ptr, '=', bare.len);
    bool odd = false;

    if (!sign || sign == bare.ptr || !pn_expects(p->expected, PN_TOK_SETTING))
        return false;
    bare.len = (size_t)(sign - bare.ptr);
    for (size_t i = 0; i < bare.len; i++)
        odd |= !pn_is_letter(bare.ptr[i]) && bare.ptr[i] != '_' &&
               !(i && pn_is_digit(bare.ptr[i]));
    if (!odd)
        return false;
    return pn_habit_tell(out, PN_DIAG_BAD_NAME, pn_fault_span(p, bare));
}

/* set my-office = ...: the name ends before the sign that cannot be in it. */
static bool
bad_definition(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    struct pn_str name = { at, 0 };
    bool behind = p->before == PN_TOK_NAMED;

    if (!behind && p->before != PN_TOK_SET && p->before != PN_TOK_ENV)
        return false;
    if (behind)
        name = pn_fault_token(p, p->token - 1);
    if (at >= end || strchr(" \t=:{#,\"'", *at) ||
        (behind && name.ptr + name.len != at))
        return false;
    while (at < end && !strchr(" \t=:{#,\"'", *at))
        at++;
    name.len = (size_t)(at - name.ptr);
    if (*name.ptr == '$' && name.len > 2) { /* as it is written where it is used */
        struct pn_str bare = pn_str_from(name, 1);

        if (pn_is_plain_word(bare))
            pn_habit_mend(out, pn_fault_span(p, name), "", bare, "");
    }
    return pn_habit_tell(out, PN_DIAG_BAD_NAME, pn_fault_span(p, name));
}

/* [ADDRESS without its other bracket. */
static bool
open_bracket(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end;
    struct pn_str inner = { at + 1, 0 };

    if (at >= end || *at != '[' || !pn_expects(p->expected, PN_TOK_WORD))
        return false;
    while (inner.ptr + inner.len < end && (pn_hex_value(inner.ptr[inner.len]) >= 0 ||
                                           strchr(".:", inner.ptr[inner.len])))
        inner.len++;
    if (inner.len > 1 && inner.ptr[inner.len - 1] == ':' &&
        inner.ptr[inner.len - 2] != ':')
        inner.len--; /* the rule's */
    if (!memchr(inner.ptr, ':', inner.len))
        return false;
    pn_buffer_add_text(&out->message, "this bracket is not closed");
    out->help = "write [2001:db8::7], or the address without brackets";
    pn_habit_mend(out, (struct pn_span){ p->span.offset, (uint32_t)inner.len + 1 }, "[",
                  inner, "]");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, out->mended);
}

/* (A, B) or [A, B], as lists are written elsewhere. */
static bool
other_brackets(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end, *close,
               *open;
    static const char pairs[] = "()[]{}";
    struct pn_str inner;

    open = at < end ? strchr(pairs, *at) : NULL;
    if (!open || !*at || (open - pairs) % 2 || !pn_expects(p->expected, PN_TOK_WORD) ||
        p->in_braces)
        return false;
    close = memchr(at, open[1], (size_t)(end - at));
    pn_buffer_add_text(&out->message, "targets stand without brackets around them");
    out->help = "a set may have its elements in { and }";
    if (close) {
        inner = (struct pn_str){ at + 1, (size_t)(close - at) - 1 };
        while (inner.len && pn_is_gap(*inner.ptr))
            inner = pn_str_from(inner, 1);
        while (inner.len && pn_is_gap(inner.ptr[inner.len - 1]))
            inner.len--;
        pn_habit_mend(out,
                      (struct pn_span){ p->span.offset, (uint32_t)(close + 1 - at) },
                      "", inner, "");
    }
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED,
                         (struct pn_span){ p->span.offset, 1 });
}

/* ADDRESS:PORT : allow */
static bool
port(const struct pn_fault *p, struct pn_habit *out)
{
    const char *end = p->text + p->line_end;
    struct pn_str word = pn_fault_word(p), colon;
    const char *behind = word.ptr + word.len;

    if (p->before != PN_TOK_COLON || p->token < p->begin + 2 || !is_rule(p))
        return false;
    colon = pn_fault_token(p, p->token - 1);
    for (size_t i = 0; i < word.len; i++)
        if (!pn_is_digit(word.ptr[i]))
            return false;
    while (behind < end && pn_is_gap(*behind))
        behind++;
    if (!word.len || colon.ptr + 1 != word.ptr || behind == end ||
        (*behind != ':' && *behind != ','))
        return false;
    pn_buffer_add_text(&out->message, "rules have no ports");
    out->help = "the server that reads the file has one port; write the address alone";
    pn_habit_mend(out, (struct pn_span){ p->span.offset - 1, (uint32_t)word.len + 1 },
                  "", PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, out->mended);
}

/* sshd: TARGET : allow, as in hosts.allow. */
static bool
label(const struct pn_fault *p, struct pn_habit *out)
{
    const char *at = p->text + p->span.offset, *end = p->text + p->line_end, *behind;
    struct pn_str word;

    if (p->before != PN_TOK_COLON || p->token != p->begin + 2 || !is_rule(p) ||
        !(pn_is_digit(*at) || memchr("=*$", *at, 3)))
        return false;
    word = pn_fault_token(p, p->begin);
    if (!pn_is_plain_word(word))
        return false;
    for (behind = end; behind > at && behind[-1] != ':';)
        behind--;
    if (behind == at)
        return false;
    pn_buffer_add_text(&out->message, "a name and a colon stand before the target");
    out->help = "rules are for the service that reads them; hosts.allow names it first";
    pn_habit_mend(
        out,
        (struct pn_span){ (uint32_t)(word.ptr - p->text), (uint32_t)(at - word.ptr) },
        "", PN_STR(""), "");
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, out->mended);
}

/* ADDRESS MASK, as ifconfig and access lists have it. */
static bool
mask(const struct pn_fault *p, struct pn_habit *out)
{
    struct pn_str bare =
        pn_fault_bare_at(p->text + p->span.offset, p->text + p->line_end);

    if (p->before != PN_TOK_WORD || !pn_str_begins(bare, "255.") ||
        !pn_expects(p->expected, PN_TOK_COMMA))
        return false;
    pn_buffer_add_text(&out->message,
                       "a prefix is written with its length, not a mask");
    out->help = "write 10.1.0.0/16 for 10.1.0.0 with the mask 255.255.0.0";
    return pn_habit_tell(out, PN_DIAG_UNEXPECTED, p->span);
}

typedef bool (*habit_fn)(const struct pn_fault *fault, struct pn_habit *out);

/* In order: the first that matches reports. A quote explains more than a bare word. */
static const habit_fn habits[] = {
    backslash,       pn_habit_typographic,
    open_quote,      unquoted_word,
    joined_policy,   double_colon,
    no_target,       port,
    label,           mask,
    foreign_verdict, loose_setting,
    unquoted_value,  bad_name,
    bad_definition,  open_bracket,
    other_brackets,
};

bool
pn_habit_extended(const struct pn_fault *fault, struct pn_habit *out)
{
    for (size_t i = 0; i < PN_COUNT_OF(habits); i++) {
        if (habits[i](fault, out))
            return true;
        out->message.size = 0;
    }
    return false;
}
