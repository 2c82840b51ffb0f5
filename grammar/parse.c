/* Running the parser, and what surrounds it. */
#include "grammar/parse.h"

#include "base/memory.h"
#include "grammar/parser.h"

enum { OUT_OF_MEMORY = 2 }; /* what bison returns */

static bool
run(struct pn_build *b, const struct pn_source *source, enum pn_dialect dialect)
{
    b->tree.source = source;
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
pn_parse_tree(const struct pn_source *source, enum pn_dialect dialect,
              struct pn_diags *diags, struct pn_arena *arena, struct pn_tree *out)
{
    struct pn_build b = { .diags = diags, .arena = arena };

    b.tree.file = pn_build_leaf(&b, PN_NODE_FILE, (struct pn_range){ 0 });
    if (!run(&b, source, dialect)) {
        pn_free(b.tree.tokens);
        return false;
    }
    if (b.tree.token_count)
        b.tree.file->range.last = (uint32_t)b.tree.token_count - 1;
    *out = b.tree;
    return true;
}
