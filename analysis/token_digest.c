/* A running hash. It guards against faults of ours, not against texts that are made to
 * collide. */
#include "analysis/token_digest.h"

#include <stdbool.h>

#include "base/hash.h"
#include "grammar/lexer.h"
#include "grammar/parser.h"

/* All zero before the first token. */
struct digest {
    uint64_t hash;
    int last;       /* the kind of the previous token */
    bool in_braces; /* there a separator says nothing but that it is there */
    bool separated;
};

/* Is the text fixed but for blanks, which may be in it in any number? */
static bool
is_fixed(int kind)
{
    return kind == PN_TOK_HEADER || kind == PN_TOK_NO_HOST || kind == PN_TOK_NO_IDENT ||
           kind == PN_TOK_NO_PENALTY;
}

static void
token_add(struct digest *digest, const struct pn_source *source, struct pn_token token)
{
    bool counts;

    if (token.kind == PN_TOK_NEWLINE ||
        (digest->in_braces && token.kind == PN_TOK_COMMA)) {
        digest->separated = true;
        return;
    }
    /* beside a brace a separator means nothing, and neither does the last newline */
    counts = digest->separated && digest->last != PN_TOK_OPEN &&
             token.kind != PN_TOK_CLOSE && token.kind != PN_TOK_END;
    digest->hash = pn_hash_word(digest->hash, (uint64_t)token.kind << 1 | counts);
    if (!is_fixed(token.kind))
        digest->hash =
            pn_hash_bytes(digest->hash, source->text + token.offset, token.size);
    digest->separated = false;
    digest->last = token.kind;
    if (token.kind == PN_TOK_OPEN || token.kind == PN_TOK_CLOSE)
        digest->in_braces = token.kind == PN_TOK_OPEN;
}

uint64_t
pn_token_digest_of(const struct pn_source *source)
{
    struct digest digest = { 0 };
    struct pn_token token;
    struct pn_lexer lexer;

    pn_lexer_begin(&lexer, source, pn_dialect_of(source, NULL));
    do {
        token = pn_lexer_next(&lexer);
        token_add(&digest, source, token);
    } while (token.kind != PN_TOK_END);
    return digest.hash;
}
