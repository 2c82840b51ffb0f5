/* Statements by their tokens; then queries by their outcomes. */
#include "analysis/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/vector.h"
#include "compiler/outcomes.h"
#include "compiler/query_text.h"
#include "grammar/parse.h"

/* A statement: its text from behind the one before, comments and all, and its key. */
struct piece {
    size_t from, to; /* offsets */
    uint32_t key;
};

struct version {
    const struct pn_source *source;
    struct piece *items;
    size_t count, capacity;
    size_t *places; /* of each key, the number of its first statement and 1, or 0 */
    size_t rest;    /* where what stands behind the last one begins */
};

/* Tokens with one blank between them: the same for statements that say the same. */
static bool
key_add(struct pn_intern *keys, const struct pn_tree *tree, const struct pn_node *node,
        uint32_t *out)
{
    struct pn_buffer text = { 0 };
    bool good;

    for (uint32_t i = node->range.first; i <= node->range.last; i++) {
        struct pn_token t = tree->tokens[i];

        pn_buffer_add(&text, tree->source->text + t.offset, t.size);
        pn_buffer_add(&text, " ", 1);
    }
    while (text.size && strchr(" \r\n", text.bytes[text.size - 1]))
        text.size--;
    good = !text.failed && pn_intern_add(keys, text.bytes, text.size, out);
    pn_buffer_free(&text);
    return good;
}

static size_t
line_end(const struct pn_source *source, size_t at)
{
    const char *newline =
        at < source->size ? memchr(source->text + at, '\n', source->size - at) : NULL;

    return newline ? (size_t)(newline + 1 - source->text) : source->size;
}

static bool
version_cut(struct version *v, struct pn_intern *keys)
{
    struct pn_diags diags = { 0 };
    struct pn_arena *arena = pn_arena_new();
    struct pn_tree tree = { 0 };
    bool good = arena && pn_parse_tree(v->source, pn_dialect_of(v->source, NULL),
                                       &diags, arena, &tree);

    for (const struct pn_node *n = good ? tree.file->children.head : NULL; n && good;
         n = n->next) {
        struct pn_span span = pn_tree_span(&tree, n->range);
        size_t last = span.offset + (span.size ? span.size - 1 : 0);
        struct piece piece = { v->rest, line_end(v->source, last), 0 };

        good = key_add(keys, &tree, n, &piece.key) &&
               pn_vector_reserve(&v->items, &v->capacity, v->count + 1, sizeof(piece));
        if (good && piece.to > v->rest) {
            v->items[v->count++] = piece;
            v->rest = piece.to;
        }
    }
    free(tree.tokens);
    pn_arena_free(arena);
    pn_diags_clear(&diags);
    return good;
}

/* Once all versions are cut: then it is known how many keys there are. */
static bool
version_index(struct version *v, const struct pn_intern *keys)
{
    v->places = calloc(keys->count + 1, sizeof(*v->places));
    for (size_t i = v->count; v->places && i-- > 0;)
        v->places[v->items[i].key] = i + 1;
    return v->places != NULL;
}

static bool
has(const struct version *v, uint32_t key)
{
    return v->places[key] != 0;
}

static void
piece_write(const struct version *v, const struct piece *piece, struct pn_buffer *out)
{
    pn_buffer_add(out, v->source->text + piece->from, piece->to - piece->from);
    if (piece->to > piece->from && v->source->text[piece->to - 1] != '\n')
        pn_buffer_add(out, "\n", 1);
}

/* What theirs added behind its statement number `at`, up to one that others have. */
static void
added_write(const struct version versions[3], size_t at, struct pn_buffer *out)
{
    const struct version *base = &versions[0], *ours = &versions[1];
    const struct version *theirs = &versions[2];

    for (; at < theirs->count; at++) {
        const struct piece *piece = &theirs->items[at];

        if (has(ours, piece->key) && has(base, piece->key))
            return;
        if (!has(base, piece->key) && !has(ours, piece->key))
            piece_write(theirs, piece, out);
    }
}

static void
merged_write(const struct version versions[3], struct pn_buffer *out)
{
    const struct version *base = &versions[0], *ours = &versions[1];
    const struct version *theirs = &versions[2];

    added_write(versions, 0, out);
    for (size_t i = 0; i < ours->count; i++) {
        const struct piece *piece = &ours->items[i];

        if (!has(base, piece->key) || has(theirs, piece->key))
            piece_write(ours, piece, out);
        if (has(base, piece->key) && has(theirs, piece->key))
            added_write(versions, theirs->places[piece->key], out);
    }
    pn_buffer_add(out, ours->source->text + ours->rest,
                  ours->source->size - ours->rest);
}

bool
pn_merge_texts(const struct pn_source *base, const struct pn_source *ours,
               const struct pn_source *theirs, struct pn_buffer *out)
{
    struct version versions[3] = { { .source = base },
                                   { .source = ours },
                                   { .source = theirs } };
    struct pn_intern keys = { 0 };
    bool good = true;

    for (size_t i = 0; i < 3 && good; i++)
        good = version_cut(&versions[i], &keys);
    for (size_t i = 0; i < 3 && good; i++)
        good = version_index(&versions[i], &keys);
    if (good)
        merged_write(versions, out);
    for (size_t i = 0; i < 3; i++) {
        free(versions[i].items);
        free(versions[i].places);
    }
    pn_intern_clear(&keys);
    return good && !out->failed;
}

static enum pn_merge_verdict
judge(const uint32_t outcomes[4])
{
    uint32_t base = outcomes[0], ours = outcomes[1], theirs = outcomes[2], due;

    if (ours != base && theirs != base && ours != theirs)
        return PN_MERGE_CONFLICT;
    due = ours != base ? ours : theirs;
    return outcomes[3] == due ? PN_MERGE_FINE : PN_MERGE_WRONG;
}

/* A pn_region_fn: kept if it is worse than what was seen. */
static bool
region_judge(void *payload, const struct pn_regions *r, const struct pn_region *region)
{
    struct pn_merge_case *out = payload;
    uint32_t outcomes[4];
    enum pn_merge_verdict verdict;

    for (size_t i = 0; i < 4; i++)
        outcomes[i] = pn_side_class(&r->sides[i], region->decisions[i].rule);
    verdict = judge(outcomes);
    if (verdict == PN_MERGE_FINE || out->verdict == verdict)
        return true;
    out->verdict = verdict;
    out->query = region->query;
    out->query.host = pn_query_keep(&out->host, out->query.host);
    out->query.ident = pn_query_keep(&out->ident, out->query.ident);
    return verdict != PN_MERGE_CONFLICT; /* nothing is worse */
}

enum postern_status
pn_merge_judge(const struct pn_side images[4], struct pn_merge_case *out)
{
    struct pn_intern shared = { 0 };
    struct pn_outcomes outcomes[4];
    struct pn_regions r = {
        .side_count = 4, .host = PN_ASK_ALL, .ident = PN_ASK_ALL, .prefer_global = true
    };
    enum postern_status status;

    *out = (struct pn_merge_case){ .verdict = PN_MERGE_FINE };
    for (size_t i = 0; i < 4; i++) {
        outcomes[i] =
            (struct pn_outcomes){ .rules = images[i].rules, .shared = &shared };
        r.sides[i] = (struct pn_side){ images[i].rules, images[i].lifted, pn_outcome_of,
                                       &outcomes[i] };
    }
    status = pn_regions_each(&r, region_judge, out);
    for (size_t i = 0; i < 4; i++) {
        if (outcomes[i].failed)
            status = POSTERN_E_NOMEM;
        pn_outcomes_clear(&outcomes[i]);
    }
    if (out->host.failed || out->ident.failed)
        status = POSTERN_E_NOMEM;
    pn_regions_clear(&r);
    pn_intern_clear(&shared);
    return status;
}
