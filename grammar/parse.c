/* Running the parser, and what surrounds it. */
#include "grammar/parse.h"

#include "base/memory.h"
#include "base/vector.h"
#include "grammar/parser.h"
#include "grammar/plain.h"

enum { OUT_OF_MEMORY = 2 }; /* what bison returns */

/* Has the statement that is asked about been read? */
struct trial {
    uint32_t upto;
};

static bool
trial_take(void *payload, const struct pn_tree *tree, const struct pn_node *statement)
{
    const struct trial *trial = payload;
    struct pn_span span = pn_tree_span(tree, statement->range);

    return span.offset + span.size < trial->upto;
}

/* A pn_trial_fn. */
static enum pn_parse_trial
trial_parse(const struct pn_source *source, uint32_t upto)
{
    struct trial trial = { upto };
    struct pn_diags diags = { 0 };
    struct pn_build b = { .diags = &diags, .take = trial_take, .payload = &trial };
    enum pn_parse_trial result = PN_TRIAL_MEMORY;

    b.arena = pn_arena_new();
    if (b.arena) {
        b.tree.source = source;
        pn_lexer_begin(&b.lexer, source, PN_EXTENDED);
        b.lexer.mode = PN_LEX_EXTENDED_LEFT;
        if (pn_yyparse(&b) != OUT_OF_MEMORY && !b.failed && !pn_arena_failed(b.arena))
            result = diags.errors ? PN_TRIAL_WRONG : PN_TRIAL_GOOD;
    }
    pn_arena_free(b.arena);
    pn_free(b.tree.tokens);
    return result;
}

static bool
run(struct pn_build *b, const struct pn_source *source, enum pn_dialect dialect)
{
    b->tree.source = source;
    b->trial = trial_parse;
    pn_lexer_begin(&b->lexer, source, dialect);
    if (pn_yyparse(b) == OUT_OF_MEMORY) /* an error at the very end has been reported */
        b->failed = true;
    return !b->failed && !b->stopped && !pn_arena_failed(b->arena) && !b->diags->failed;
}

bool
pn_parse_stream(const struct pn_source *source, enum pn_dialect dialect,
                struct pn_diags *diags, pn_statement_fn take, void *payload)
{
    struct pn_build b = { .diags = diags, .take = take, .payload = payload };
    bool good = false;

    b.arena = pn_arena_new();
    if (b.arena)
        good = run(&b, source, dialect);
    pn_arena_free(b.arena);
    pn_free(b.tree.tokens);
    return good;
}

bool
pn_parse_tree_of(const struct pn_source *source, enum pn_dialect dialect,
                 enum pn_detail detail, struct pn_diags *diags, struct pn_arena *arena,
                 struct pn_tree *out)
{
    struct pn_build b = { .diags = diags, .arena = arena, .detail = detail };

    b.tree.file = pn_build_leaf(&b, PN_NODE_FILE, (struct pn_range){ 0 });
    if (!run(&b, source, dialect)) {
        pn_free(b.tree.tokens);
        return false;
    }
    if (detail == PN_DETAIL_RUNS &&
        !pn_vector_reserve(&b.tree.tokens, &b.token_capacity,
                           b.tree.token_count + PN_PLAIN_TOKENS,
                           sizeof(*b.tree.tokens))) {
        pn_free(b.tree.tokens);
        return false;
    }
    if (b.tree.token_count)
        b.tree.file->range.last = (uint32_t)b.tree.token_count - 1;
    *out = b.tree;
    return true;
}
