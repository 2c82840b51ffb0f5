/*
 * A rule file of a block list has a million lines of the form "192.0.2.0/24 : deny".
 * They are recognised by hand: tokens and nodes are those that the lexer and the parser
 * would make, at a tenth of the cost. Whatever is not so plain is left to these.
 */
#include "grammar/plain.h"

#include <string.h>

#include "base/vector.h"
#include "grammar/parser.h"

enum { PLAIN_TOKENS = 4, DIGIT = 1, HEX = 2, V4 = 4, V6 = 8, WORD = 16 };

/* What characters may be part of; NUL, which ends every text, of nothing. */
static const unsigned char classes[256] = {
#define TEN(c) [c] = DIGIT | HEX | V4 | V6 | WORD
#define HEX_DIGIT(c) [c] = HEX | V6 | WORD, [c | 0x20] = HEX | V6 | WORD
    TEN('0'),       TEN('1'),        TEN('2'),       TEN('3'),       TEN('4'),
    TEN('5'),       TEN('6'),        TEN('7'),       TEN('8'),       TEN('9'),
    HEX_DIGIT('A'), HEX_DIGIT('B'),  HEX_DIGIT('C'), HEX_DIGIT('D'), HEX_DIGIT('E'),
    HEX_DIGIT('F'), ['.'] = V4 | V6, [':'] = V6,
#undef TEN
#undef HEX_DIGIT
};

static const char *
skip(const char *at, unsigned class)
{
    while (classes[(unsigned char)*at] & class)
        at++;
    return at;
}

static const char *
skip_blanks(const char *at)
{
    while (pn_is_gap(*at))
        at++;
    return at;
}

/* Past blank lines and comments, which are no tokens before a statement. */
static const char *
skip_gaps(const char *at)
{
    for (;;) {
        at = skip_blanks(at);
        if (*at == '#')
            at += strcspn(at, "\n");
        if (at[0] == '\r' && at[1] == '\n')
            at++;
        if (*at != '\n')
            return at;
        at++;
    }
}

/* Past a slash and digits, if they stand here. */
static const char *
skip_length(const char *at)
{
    return at[0] == '/' && classes[(unsigned char)at[1]] & DIGIT ? skip(at + 1, DIGIT)
                                                                 : at;
}

/* Past an address or a prefix that is a token as it stands; NULL if it may be none. */
static const char *
skip_address(const char *from)
{
    const char *at = skip(from, HEX);

    if (*at == '.' && classes[(unsigned char)*from] & DIGIT) {
        at = skip_length(skip(at, V4));
        return *at == ':' || pn_is_gap(*at) ? at : NULL;
    }
    if (*at != ':')
        return NULL;
    at = skip(at + 1, HEX);
    if (*at != ':') /* of two colons, nothing stands behind the address but a blank */
        return NULL;
    at = skip_length(skip(at, V6));
    return pn_is_gap(*at) && (at[-1] != ':' || at[-2] == ':') ? at : NULL;
}

/* A statement of one target and a verdict; false if the next one is another. */
struct plain {
    struct pn_token tokens[PLAIN_TOKENS];
    enum pn_action action;
    uint32_t end;
};

static struct pn_token
token_of(const char *text, const char *from, const char *to, int kind)
{
    return (struct pn_token){ (uint32_t)(from - text), (uint32_t)(to - from), kind };
}

/* The verdict at this place: its length, or 0. */
static size_t
verdict_read(const char *at, struct plain *out)
{
    size_t size = strncmp(at, "deny", 4) == 0    ? 4
                  : strncmp(at, "allow", 5) == 0 ? 5
                                                 : 0;

    out->action = size == 4 ? PN_DENY : PN_ALLOW;
    return size;
}

static bool
plain_read(const struct pn_lexer *lexer, struct plain *out)
{
    const char *text = lexer->source->text, *from = skip_gaps(text + lexer->at);
    const char *at = skip_address(from);
    size_t size;

    if (!at)
        return false;
    out->tokens[0] = token_of(text, from, at, PN_TOK_WORD);
    at = skip_blanks(at);
    if (*at != ':')
        return false;
    out->tokens[1] = token_of(text, at, at + 1, PN_TOK_COLON);
    at = skip_blanks(at + 1);
    size = verdict_read(at, out);
    out->tokens[2] = token_of(text, at, at + size,
                              out->action == PN_DENY ? PN_TOK_DENY : PN_TOK_ALLOW);
    from = skip_blanks(at + size);
    if (*from == '#')
        from += strcspn(from, "\n");
    at = from + (from[0] == '\r');
    if (!size || *at != '\n')
        return false;
    out->tokens[3] = token_of(text, from, at + 1, PN_TOK_NEWLINE);
    out->end = (uint32_t)(at + 1 - text);
    return true;
}

/* Its tokens and nodes, handed over as the parser would have done. */
static void
plain_add(struct pn_build *b, const struct plain *plain)
{
    struct pn_tree *tree = &b->tree;
    uint32_t first = (uint32_t)tree->token_count;
    struct pn_range whole = { first, first + PLAIN_TOKENS - 1 };
    struct pn_node *target;

    if (!pn_vector_reserve(&tree->tokens, &b->token_capacity, first + PLAIN_TOKENS,
                           sizeof(*tree->tokens))) {
        b->failed = true;
        return;
    }
    memcpy(tree->tokens + first, plain->tokens, sizeof(plain->tokens));
    tree->token_count += PLAIN_TOKENS;
    b->lexer.at = plain->end;
    target = pn_build_leaf(b, PN_NODE_TARGET, (struct pn_range){ first, first });
    pn_build_statement(
        b, pn_build_rule(b, whole, plain->action, (struct pn_list){ target, target }));
}

void
pn_build_plain(struct pn_build *b)
{
    const struct pn_lexer *lexer = &b->lexer;
    struct plain plain;

    if (lexer->mode != PN_LEX_EXTENDED_LEFT || lexer->last != PN_TOK_NEWLINE ||
        lexer->in_braces || b->faulty)
        return;
    while (!b->failed && !b->stopped && plain_read(lexer, &plain))
        plain_add(b, &plain);
}
