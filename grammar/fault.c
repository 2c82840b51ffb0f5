/* Looks at a line around a token: within bounds, whatever the line is. */
#include "grammar/fault.h"

#include <string.h>

#include "base/ascii.h"
#include "grammar/parser.h"

enum { LOOK_BACK = 4096, LOOK_AHEAD = 65536, TOKENS_BACK = 256 };

/* The first token of the statement, or one as far back as we look. */
static uint32_t
begin_find(const struct pn_tree *tree, uint32_t token, bool *in_braces)
{
    uint32_t begin = token, at;

    while (begin && token - begin < TOKENS_BACK &&
           tree->tokens[begin - 1].kind != PN_TOK_NEWLINE)
        begin--;
    /* a line's end in braces ends no statement: is there an open brace before it? */
    for (at = token; at && token - at < TOKENS_BACK; at--) {
        int kind = tree->tokens[at - 1].kind;

        if (kind == PN_TOK_CLOSE)
            break;
        if (kind != PN_TOK_OPEN)
            continue;
        *in_braces = true;
        for (begin = at - 1; begin && tree->tokens[begin - 1].kind != PN_TOK_NEWLINE;)
            begin--;
        break;
    }
    return begin;
}

struct pn_fault
pn_fault_of(const struct pn_tree *tree, uint32_t token, struct pn_expected expected)
{
    const struct pn_source *source = tree->source;
    struct pn_fault f = { .tree = tree,
                          .token = token,
                          .span = pn_token_span(tree->tokens[token]),
                          .text = source->text,
                          .kind = tree->tokens[token].kind,
                          .before =
                              token ? tree->tokens[token - 1].kind : PN_TOK_NEWLINE,
                          .expected = expected };
    size_t ahead = source->size - f.span.offset;
    const char *end;

    f.in_braces = pn_expects(expected, PN_TOK_CLOSE);
    f.begin = begin_find(tree, token, &f.in_braces);
    f.first = tree->tokens[f.begin].kind;
    f.line = f.span.offset;
    while (f.line && f.span.offset - f.line < LOOK_BACK && f.text[f.line - 1] != '\n')
        f.line--;
    if (ahead > LOOK_AHEAD)
        ahead = LOOK_AHEAD;
    end = memchr(f.text + f.span.offset, '\n', ahead);
    f.line_end = end ? (uint32_t)(end - f.text) : f.span.offset + (uint32_t)ahead;
    f.ends_in_return = f.line_end > f.line && f.text[f.line_end - 1] == '\r';
    if (f.line_end > f.span.offset) /* a comment before the token may have taken it */
        f.line_end -= f.ends_in_return;
    return f;
}

struct pn_str
pn_fault_token(const struct pn_fault *fault, uint32_t token)
{
    return pn_source_slice(fault->tree->source,
                           pn_token_span(fault->tree->tokens[token]));
}

struct pn_str
pn_fault_rest(const struct pn_fault *fault)
{
    const char *at = fault->text + fault->span.offset;
    const char *end = fault->text + fault->line_end;

    while (at < end && pn_is_gap(*at))
        at++;
    while (end > at && pn_is_gap(end[-1]))
        end--;
    return (struct pn_str){ at, end > at ? (size_t)(end - at) : 0 };
}

static bool
is_word_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

struct pn_str
pn_fault_word_at(const char *at, const char *end)
{
    const char *to = at;

    while (to < end && is_word_byte(*to))
        to++;
    return (struct pn_str){ at, (size_t)(to - at) };
}

struct pn_str
pn_fault_word(const struct pn_fault *fault)
{
    return pn_fault_word_at(fault->text + fault->span.offset,
                            fault->text + fault->line_end);
}

/* A bare word is none: "not", "never", "example.com", and $ without its name. */
static bool
is_target_like(struct pn_str word)
{
    return word.len && !pn_str_is(word, "$") &&
           (!pn_is_letter(*word.ptr) || memchr(word.ptr, '@', word.len) ||
            memchr(word.ptr, ':', word.len));
}

bool
pn_fault_are_targets(struct pn_str left, struct pn_str right)
{
    return is_target_like(left) && is_target_like(right);
}

struct pn_str
pn_fault_bare_at(const char *at, const char *end)
{
    const char *to = at;

    while (to < end && !strchr(" \t,#\"'{}", *to))
        to++;
    return (struct pn_str){ at, (size_t)(to - at) };
}

struct pn_span
pn_fault_span(const struct pn_fault *fault, struct pn_str text)
{
    return (struct pn_span){ (uint32_t)(text.ptr - fault->text), (uint32_t)text.len };
}

bool
pn_habit_tell(struct pn_habit *out, enum pn_diag_id id, struct pn_span at)
{
    out->id = id;
    out->at = at;
    return true;
}

void
pn_habit_mend(struct pn_habit *out, struct pn_span span, const char *front,
              struct pn_str text, const char *back)
{
    out->mended = span;
    out->fix.size = 0;
    pn_buffer_add_text(&out->fix, front);
    pn_buffer_add(&out->fix, text.ptr, text.len);
    pn_buffer_add_text(&out->fix, back);
    out->has_fix = !out->fix.failed;
}

void
pn_habit_clear(struct pn_habit *habit)
{
    pn_buffer_free(&habit->fix);
    pn_buffer_free(&habit->message);
}
