/* A statement at a time: what it speaks of, and what it says of that. */
#include "compiler/claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/classic_rule.h"

/* What an element costs that is kept for a claim. */
enum { STEPS_WITHIN = 8 };

struct turns {
    uint32_t *items;
    size_t capacity;
};

struct work {
    struct pn_claims *claims;
    struct pn_policy *policy;
    struct pn_unit *unit;
    struct pn_statement *statement;
    struct pn_intern *names; /* that statements speak of, */
    struct turns *turns;     /* and by name which of them did last, from 1 */
    uint32_t spoken_of;      /* by this one besides: a bit for each thing */
};

static const struct pn_tree *
tree_of(const struct work *work)
{
    return &work->unit->files[work->statement->at.file]->tree;
}

static struct pn_span
token_span(const struct work *work, uint32_t token)
{
    return pn_token_span(tree_of(work)->tokens[token]);
}

static void
complain(const struct work *work, enum pn_diag_id id, uint32_t token)
{
    pn_diags_add(work->unit->diags, id, tree_of(work)->source, token_span(work, token));
}

static struct pn_text_at
text_add(struct work *work, struct pn_str text)
{
    struct pn_text_at at = { work->claims->text.size, text.len };

    pn_buffer_add(&work->claims->text, text.ptr, text.len);
    return at;
}

static enum pn_diag_id
word_read(struct work *work, const struct pn_node *node, struct pn_target *out)
{
    struct pn_str word =
        pn_source_slice(tree_of(work)->source, token_span(work, node->token));

    work->policy->names.scratch.size = 0;
    return pn_literal_target(word, &work->policy->names.scratch, out);
}

static void
query_address(struct work *work, const struct pn_node *node)
{
    struct pn_statement *s = work->statement;
    struct pn_target target;
    enum pn_diag_id id = word_read(work, node, &target);

    if (id == PN_DIAG_COUNT &&
        (target.kind != PN_TARGET_ADDRESSES || target.count != 1))
        id = PN_DIAG_BAD_QUERY;
    if (id != PN_DIAG_COUNT) {
        complain(work, id, node->token);
        return;
    }
    s->address = pn_number_address(target.first, target.family);
    s->has_ident = target.has_ident;
    s->ident = text_add(work, target.ident);
}

static void
query_host(struct work *work, const struct pn_node *node)
{
    struct pn_statement *s = work->statement;
    struct pn_target target;
    enum pn_diag_id id = word_read(work, node, &target);

    if (id == PN_DIAG_COUNT &&
        (s->has_host || target.kind != PN_TARGET_HOST || target.has_ident ||
         !target.name.len || target.name.ptr[0] == '.'))
        id = PN_DIAG_BAD_QUERY;
    if (id != PN_DIAG_COUNT) {
        complain(work, id, node->token);
        return;
    }
    s->has_host = true;
    s->host = text_add(work, target.name);
}

static void
query_read(struct work *work)
{
    bool first = true;

    for (const struct pn_node *n = work->statement->at.node->children.head; n;
         n = n->next) {
        if (n->kind == PN_NODE_LIST)
            complain(work, PN_DIAG_BAD_QUERY, n->token);
        if (n->kind != PN_NODE_TARGET)
            continue;
        if (first)
            query_address(work, n);
        else
            query_host(work, n);
        first = false;
    }
}

static enum pn_diag_id
accept_in_always(const struct pn_target *target)
{
    return target->has_ident || target->kind == PN_TARGET_HOST ? PN_DIAG_ALWAYS_TARGET
                                                               : PN_DIAG_COUNT;
}

/* Adds a target to what an ALWAYS is over. */
static void
within_add(void *payload, const struct pn_node *node,
           const struct pn_gathered *gathered)
{
    struct work *work = payload;
    struct pn_statement *s = work->statement;
    struct pn_names *names = &work->policy->names;

    s->everything |= gathered->is_default;
    if (!pn_names_take(names, STEPS_WITHIN * gathered->elements.count))
        return;
    for (size_t i = 0; i < gathered->elements.count && !gathered->is_default; i++)
        if (!pn_holes_add(&s->within, &names->holes, names->space,
                          &gathered->elements.items[i])) {
            complain(work, PN_DIAG_ALWAYS_TARGET, node->token);
            break;
        }
}

static void
quantifier_read(struct work *work)
{
    struct pn_statement *s = work->statement;
    struct pn_place place = { .file = s->at.file,
                              .nodes = s->at.node->children.head,
                              .accept = accept_in_always,
                              .take = within_add,
                              .payload = work };

    s->outside = s->at.node->action;
    pn_names_each(&work->policy->names, &place);
    pn_holes_finish(&s->within);
}

static struct pn_claim *
claim_add(struct work *work, const struct pn_node *node)
{
    struct pn_statement *s = work->statement;

    if (!pn_vector_reserve(&s->claims, &s->claim_capacity, s->claim_count + 1,
                           sizeof(*s->claims))) {
        work->claims->failed = true;
        return NULL;
    }
    s->claims[s->claim_count] =
        (struct pn_claim){ .kind = node->kind, .action = node->action };
    return &s->claims[s->claim_count++];
}

static void
assign_read(struct work *work, const struct pn_node *node, struct pn_claim *claim)
{
    struct pn_buffer *text = &work->claims->text;
    struct pn_str quoted;
    enum pn_diag_id id;

    claim->name = text_add(work, pn_tree_name(tree_of(work), node));
    claim->value.offset = text->size;
    quoted =
        pn_source_slice(tree_of(work)->source, pn_tree_behind(tree_of(work), node));
    id = pn_literal_value(quoted, text);
    claim->value.size = text->size - claim->value.offset;
    if (id != PN_DIAG_COUNT)
        complain(work, id, node->token + 1);
}

/* A target that was spoken of before means what it meant then. */
static struct pn_space *
meaning_add(struct work *work, struct pn_target_at target)
{
    struct pn_claims *claims = work->claims;
    struct pn_str word =
        pn_source_slice(tree_of(work)->source, token_span(work, target.token));
    struct pn_space *meaning;
    uint32_t number;

    if (!pn_intern_add(&claims->words, word.ptr, word.len, &number) ||
        !pn_vector_reserve(&claims->meanings, &claims->meaning_capacity, number + 1,
                           sizeof(struct pn_space *)))
        return NULL;
    if (number < claims->meaning_count)
        return claims->meanings[number];
    meaning = malloc(sizeof(*meaning));
    if (!meaning)
        return NULL;
    claims->meanings[claims->meaning_count++] = meaning;
    pn_space_begin(meaning);
    if (!meaning->failed)
        pn_policy_meaning(work->policy, target, meaning);
    if (!meaning->failed)
        pn_space_finish(meaning);
    return meaning;
}

static void
by_read(struct work *work, const struct pn_node *node, struct pn_claim *claim)
{
    struct pn_target_at target = { .file = work->statement->at.file,
                                   .token = node->token + 1 };
    struct pn_names *names = &work->policy->names;

    claim->meaning = meaning_add(work, target);
    work->claims->failed |= !claim->meaning || claim->meaning->failed;
    pn_names_tell_spent(names, target.file, node);
}

/* "!limit" is of the limit, and of no variable. */
static void
unset_read(struct work *work, const struct pn_node *node, struct pn_claim *claim)
{
    struct pn_str name =
        pn_source_slice(tree_of(work)->source, token_span(work, node->token));
    enum pn_term term;

    name.ptr++; /* its ! */
    name.len--;
    term = pn_term_named(name);
    if (term == PN_TERM_COUNT) {
        claim->name = text_add(work, name);
        return;
    }
    claim->kind = PN_NODE_TERM;
    claim->action = (uint8_t)term;
    claim->terms = pn_terms_none();
}

static void
term_read(struct work *work, const struct pn_node *node, struct pn_claim *claim)
{
    const struct pn_terms_place place = { tree_of(work), work->statement->at.node,
                                          work->unit->diags };

    claim->terms = pn_terms_none();
    pn_term_read(&place, node, &work->claims->text, &claim->terms);
}

static void
assumption_read(struct work *work, const struct pn_node *node)
{
    struct pn_statement *s = work->statement;

    if (s->at.node->kind == PN_NODE_EXPECT)
        complain(work, PN_DIAG_ASSUME_EXPECT, node->token);
    if (node->action == PN_NO_HOST)
        s->no_host = true;
    else
        s->no_ident = true;
}

/* Was this name spoken of in the statement at hand? It is now. */
static bool
name_is_twice(struct work *work, struct pn_str name)
{
    uint32_t number, turn = (uint32_t)work->claims->count;
    size_t before = work->names->count;
    bool twice;

    if (!pn_intern_add(work->names, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&work->turns->items, &work->turns->capacity,
                           work->names->count, sizeof(*work->turns->items))) {
        work->claims->failed = true;
        return false;
    }
    twice = work->names->count == before && work->turns->items[number] == turn;
    work->turns->items[number] = turn;
    return twice;
}

/* A verdict, a name, a term, or a rule is spoken of once. */
static bool
is_twice(struct work *work, const struct pn_claim *claim)
{
    uint32_t bit;
    bool twice;

    if (claim->kind == PN_NODE_ASSIGN || claim->kind == PN_NODE_UNSET)
        return name_is_twice(work, pn_claims_text(work->claims, claim->name));
    bit = claim->kind == PN_NODE_TERM ? 1U << claim->action
          : claim->kind == PN_NODE_BY ? 1U << PN_TERM_COUNT
                                      : 2U << PN_TERM_COUNT;
    twice = work->spoken_of & bit;
    work->spoken_of |= bit;
    return twice;
}

static void
claim_read(struct work *work, const struct pn_node *node)
{
    struct pn_claim *claim = claim_add(work, node);

    if (!claim)
        return;
    if (node->kind == PN_NODE_ASSIGN) {
        assign_read(work, node, claim);
    } else if (node->kind == PN_NODE_UNSET) {
        unset_read(work, node, claim);
    } else if (node->kind == PN_NODE_TERM) {
        term_read(work, node, claim);
    } else if (node->kind == PN_NODE_BY) {
        by_read(work, node, claim);
    }
    if (work->claims->text.failed) /* what it speaks of is not there */
        return;
    if (is_twice(work, claim))
        complain(work, PN_DIAG_CLAIM_TWICE, node->token);
}

static void
claims_read(struct work *work)
{
    for (const struct pn_node *n = work->statement->at.node->children.head; n;
         n = n->next) {
        if (n->kind == PN_NODE_ASSUME)
            assumption_read(work, n);
        else if (n->kind != PN_NODE_TARGET && n->kind != PN_NODE_LIST &&
                 n->kind != PN_NODE_EXCEPT)
            claim_read(work, n);
    }
}

void
pn_claims_resolve(struct pn_claims *out, struct pn_policy *policy, struct pn_unit *unit)
{
    struct pn_intern names = { 0 };
    struct turns turns = { 0 };

    *out = (struct pn_claims){ 0 };
    if (!pn_vector_reserve(&out->items, &out->capacity, policy->claim_count,
                           sizeof(*out->items))) {
        out->failed = policy->claim_count > 0;
        return;
    }
    policy->names.work.limit = pn_work_for(unit->size).limit;
    for (size_t i = 0; i < policy->claim_count && !out->failed; i++) {
        struct work work = { .claims = out,
                             .policy = policy,
                             .unit = unit,
                             .statement = &out->items[out->count++],
                             .names = &names,
                             .turns = &turns };
        const struct pn_source *source;

        *work.statement = (struct pn_statement){ .at = policy->claims[i] };
        source = tree_of(&work)->source;
        work.statement->line =
            (uint32_t)pn_source_position(
                source, token_span(&work, work.statement->at.node->token).offset)
                .line;
        if (work.statement->at.node->kind == PN_NODE_EXPECT)
            query_read(&work);
        else
            quantifier_read(&work);
        claims_read(&work);
    }
    pn_intern_clear(&names);
    free(turns.items);
    policy->is_partial |= policy->names.work.spent;
    policy->names.work.limit = 0; /* what is asked later is not told */
    out->failed |=
        out->text.failed || policy->space.failed || policy->names.scratch.failed;
}

void
pn_claims_clear(struct pn_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        struct pn_statement *s = &claims->items[i];

        free(s->claims);
        pn_holes_clear(&s->within);
    }
    for (size_t i = 0; i < claims->meaning_count; i++) {
        pn_space_clear(claims->meanings[i]);
        free(claims->meanings[i]);
    }
    free(claims->items);
    free(claims->meanings);
    pn_intern_clear(&claims->words);
    pn_buffer_free(&claims->text);
    *claims = (struct pn_claims){ 0 };
}
