/*
 * A rule file of a block list has a million lines of the form "192.0.2.0/24 : deny".
 * They are recognised by hand: tokens and nodes are those that the lexer and the parser
 * would make, at a tenth of the cost. Whatever is not so plain is left to these.
 */
#include "grammar/plain.h"

#include <string.h>

#include "base/vector.h"
#include "grammar/parser.h"

enum { DIGIT = 1, HEX = 2, V4 = 4, V6 = 8, WORD = 16 };

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

static struct pn_token
token_of(const char *text, const char *from, const char *to, int kind)
{
    return (struct pn_token){ (uint32_t)(from - text), (uint32_t)(to - from), kind };
}

/* The verdict at this place: its length, or 0. */
static size_t
verdict_read(const char *at, struct pn_plain_rule *out)
{
    size_t size = strncmp(at, "deny", 4) == 0    ? 4
                  : strncmp(at, "allow", 5) == 0 ? 5
                                                 : 0;

    out->action = size == 4 ? PN_DENY : PN_ALLOW;
    return size;
}

bool
pn_plain_read(const struct pn_source *source, uint32_t offset,
              struct pn_plain_rule *out)
{
    const char *text = source->text, *from = skip_gaps(text + offset);
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

static void
nodes_set(struct pn_plain_nodes *nodes, uint32_t first, enum pn_action action)
{
    struct pn_node *rule = &nodes->rule, *target = &nodes->target;

    *target = (struct pn_node){ .kind = PN_NODE_TARGET,
                                .range = { first, first },
                                .token = first };
    *rule = (struct pn_node){ .kind = PN_NODE_RULE,
                              .action = (uint8_t)action,
                              .children = { target },
                              .range = { first, first + PN_PLAIN_TOKENS - 1 },
                              .token = first };
}

void
pn_plain_nodes(struct pn_tree *tree, const struct pn_plain_rule *plain,
               struct pn_plain_nodes *out)
{
    memcpy(tree->tokens + tree->token_count, plain->tokens, sizeof(plain->tokens));
    nodes_set(out, (uint32_t)tree->token_count, plain->action);
}

/* A rule with tokens and nodes that stay; NULL when out of memory. */
static struct pn_node *
nodes_keep(struct pn_tree *tree, size_t *capacity, struct pn_arena *arena,
           const struct pn_plain_rule *plain)
{
    struct pn_plain_nodes *nodes;

    if (!pn_vector_reserve(&tree->tokens, capacity, tree->token_count + PN_PLAIN_TOKENS,
                           sizeof(*tree->tokens)))
        return NULL;
    nodes = pn_arena_zalloc(arena, sizeof(*nodes));
    if (!nodes)
        return NULL;
    pn_plain_nodes(tree, plain, nodes);
    tree->token_count += PN_PLAIN_TOKENS;
    return &nodes->rule;
}

/* Handed over as the parser would have done. */
static void
rules_build(struct pn_build *b)
{
    struct pn_plain_rule plain;

    while (!b->failed && !b->stopped &&
           pn_plain_read(b->lexer.source, b->lexer.at, &plain)) {
        struct pn_node *rule =
            nodes_keep(&b->tree, &b->token_capacity, b->arena, &plain);

        b->lexer.at = plain.end;
        if (rule)
            pn_build_statement(b, rule);
        else
            b->failed = true;
    }
}

/* One node for all of them, of the first token of the first and the last of the last.
 */
static void
run_build(struct pn_build *b)
{
    struct pn_tree *tree = &b->tree;
    uint32_t first = (uint32_t)tree->token_count;
    struct pn_plain_rule plain;
    struct pn_token last;

    if (!pn_plain_read(b->lexer.source, b->lexer.at, &plain))
        return;
    if (!pn_vector_reserve(&tree->tokens, &b->token_capacity, first + 2,
                           sizeof(*tree->tokens))) {
        b->failed = true;
        return;
    }
    tree->tokens[first] = plain.tokens[0];
    do {
        b->lexer.at = plain.end;
        last = plain.tokens[PN_PLAIN_TOKENS - 1];
    } while (pn_plain_read(b->lexer.source, b->lexer.at, &plain));
    tree->tokens[first + 1] = last;
    tree->token_count += 2;
    pn_build_statement(
        b, pn_build_leaf(b, PN_NODE_PLAINS, (struct pn_range){ first, first + 1 }));
}

void
pn_build_plain(struct pn_build *b)
{
    const struct pn_lexer *lexer = &b->lexer;

    if (lexer->mode != PN_LEX_EXTENDED_LEFT || lexer->last != PN_TOK_NEWLINE ||
        lexer->in_braces || b->faulty)
        return;
    if (b->detail == PN_DETAIL_RUNS)
        run_build(b);
    else
        rules_build(b);
}

/* The rules of a run, in its place in a list of nodes; the end of that part of it. */
static struct pn_node **
run_expand(struct pn_tree *tree, size_t *capacity, struct pn_arena *arena,
           struct pn_node **link)
{
    struct pn_span span = pn_tree_span(tree, (*link)->range);
    struct pn_node *next = (*link)->next;
    struct pn_plain_rule plain = { .end = span.offset };

    while (plain.end < span.offset + span.size &&
           pn_plain_read(tree->source, plain.end, &plain)) {
        *link = nodes_keep(tree, capacity, arena, &plain);
        if (!*link)
            return NULL;
        link = &(*link)->next;
    }
    *link = next;
    return link;
}

bool
pn_plain_expand(struct pn_tree *tree, struct pn_arena *arena)
{
    size_t capacity = tree->token_count;
    struct pn_node **link = &tree->file->children.head;

    while (link && *link)
        link = (*link)->kind == PN_NODE_PLAINS
                   ? run_expand(tree, &capacity, arena, link)
                   : &(*link)->next;
    return link != NULL;
}
