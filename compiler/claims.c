/* A statement at a time: what it speaks of, and what it says of that. */
#include "compiler/claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/classic_rule.h"

/* What an element costs that is kept for a claim. */
enum { STEPS_WITHIN = 8 };

struct work {
    struct pn_claims *claims;
    struct pn_policy *policy;
    struct pn_unit *unit;
    struct pn_statement *statement;
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

static void
by_read(struct work *work, const struct pn_node *node, struct pn_claim *claim)
{
    struct pn_target_at target = { .file = work->statement->at.file,
                                   .token = node->token + 1 };
    struct pn_names *names = &work->policy->names;

    pn_space_begin(&claim->meaning);
    if (!claim->meaning.failed)
        pn_policy_meaning(work->policy, target, &claim->meaning);
    if (!claim->meaning.failed)
        pn_space_finish(&claim->meaning);
    work->claims->failed |= claim->meaning.failed;
    for (size_t i = 0; i < claim->meaning.group_count; i++)
        (void)pn_names_take(names, STEPS_WITHIN * (claim->meaning.groups[i].v4.count +
                                                   claim->meaning.groups[i].v6.count));
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

/* A verdict, a name, a term, or a rule is spoken of once. */
static bool
is_twice(const struct pn_claims *claims, const struct pn_statement *s)
{
    const struct pn_claim *last = &s->claims[s->claim_count - 1];
    struct pn_str name = pn_claims_text(claims, last->name);

    for (size_t i = 0; i + 1 < s->claim_count; i++) {
        const struct pn_claim *c = &s->claims[i];
        struct pn_str other = pn_claims_text(claims, c->name);
        bool named = last->kind == PN_NODE_ASSIGN || last->kind == PN_NODE_UNSET;

        if (!named && last->kind == c->kind &&
            (last->kind != PN_NODE_TERM || last->action == c->action))
            return true;
        if (named && (c->kind == PN_NODE_ASSIGN || c->kind == PN_NODE_UNSET) &&
            name.len == other.len && memcmp(name.ptr, other.ptr, name.len) == 0)
            return true;
    }
    return false;
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
    if (is_twice(work->claims, work->statement))
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
    *out = (struct pn_claims){ 0 };
    if (!pn_vector_reserve(&out->items, &out->capacity, policy->claim_count,
                           sizeof(*out->items))) {
        out->failed = policy->claim_count > 0;
        return;
    }
    policy->names.work.limit = pn_work_for(unit->size).limit;
    for (size_t i = 0; i < policy->claim_count && !out->failed; i++) {
        struct work work = { out, policy, unit, &out->items[out->count++] };
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

        for (size_t k = 0; k < s->claim_count; k++)
            pn_space_clear(&s->claims[k].meaning);
        free(s->claims);
        pn_holes_clear(&s->within);
    }
    free(claims->items);
    pn_buffer_free(&claims->text);
    *claims = (struct pn_claims){ 0 };
}

static bool
same_prefixes(const struct pn_prefixes *a, const struct pn_prefixes *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].start != b->items[i].start ||
            a->items[i].length != b->items[i].length ||
            a->items[i].exact != b->items[i].exact)
            return false;
    return true;
}

static bool
same_spelt(const struct pn_space *a, const struct pn_space *b, size_t group)
{
    const struct pn_group *left = &a->groups[group], *right = &b->groups[group];

    if (left->spelt_count != right->spelt_count)
        return false;
    for (size_t i = 0; i < left->spelt_count; i++) { /* of one key each */
        const struct pn_spelt *l = &left->spelt[i], *r = &right->spelt[i];

        if (l->prefix.start != r->prefix.start ||
            l->prefix.length != r->prefix.length ||
            !pn_zeros_equal(&l->zeros, &r->zeros))
            return false;
    }
    return true;
}

static bool
same_hosts(const struct pn_group *a, const struct pn_group *b)
{
    if (a->host_count != b->host_count ||
        (a->any_host == PN_NATIVE_NONE) != (b->any_host == PN_NATIVE_NONE) ||
        (a->fallback == PN_NATIVE_NONE) != (b->fallback == PN_NATIVE_NONE))
        return false;
    for (size_t i = 0; i < a->host_count; i++) /* both sorted by their numbers */
        if (a->hosts[i].name != b->hosts[i].name)
            return false;
    return true;
}

/* Spaces of one target each: of equal meaning when they hold the same under one ident.
 */
static bool
same_meaning(const struct pn_space *a, const struct pn_space *b)
{
    if (a->group_count != b->group_count || a->idents.count != b->idents.count ||
        a->idents.bytes.size != b->idents.bytes.size ||
        (a->idents.bytes.size && memcmp(a->idents.bytes.bytes, b->idents.bytes.bytes,
                                        a->idents.bytes.size) != 0))
        return false;
    for (size_t i = 0; i < a->group_count; i++)
        if (!same_prefixes(&a->groups[i].v4, &b->groups[i].v4) ||
            !same_prefixes(&a->groups[i].v6, &b->groups[i].v6) ||
            !same_spelt(a, b, i) || !same_hosts(&a->groups[i], &b->groups[i]))
            return false;
    return true;
}

/* The hosts of a classic rule get the numbers that the policy has for their names. */
static void
hosts_renumber(struct pn_space *space, struct pn_policy *policy)
{
    for (size_t i = 0; i < space->group_count; i++)
        for (size_t k = 0; k < space->groups[i].host_count; k++) {
            uint32_t *name = &space->groups[i].hosts[k].name;

            if (!pn_intern_add(&policy->space.names,
                               space->names.bytes.bytes +
                                   pn_intern_offset(&space->names, *name),
                               pn_intern_size(&space->names, *name), name))
                space->failed = true;
        }
}

static bool
meaning_is(const struct pn_claim *claim, struct pn_policy *policy, struct pn_unit *unit,
           struct pn_rule_node target)
{
    bool classic = target.node->kind == PN_NODE_RULE, same = false;
    struct pn_buffer text = { 0 };
    struct pn_policy_rule rule;
    struct pn_space space;

    pn_space_begin(&space);
    if (!space.failed && classic) {
        struct pn_classic_place place = { .tree = &unit->files[target.file]->tree,
                                          .rule = target.node,
                                          .is_root = true };

        pn_classic_rule_add(&place, &space, &text, &rule);
        hosts_renumber(&space, policy);
    } else if (!space.failed) {
        pn_policy_meaning(
            policy, (struct pn_target_at){ .file = target.file, .node = target.node },
            &space);
    }
    if (!space.failed) {
        pn_space_finish(&space);
        same = !space.failed && same_meaning(&claim->meaning, &space);
    }
    policy->failed |= space.failed;
    pn_buffer_free(&text);
    pn_space_clear(&space);
    return same;
}

bool
pn_claim_target_is(const struct pn_claim *claim, struct pn_policy *policy,
                   struct pn_unit *unit, uint32_t rule)
{
    struct pn_rule_node at = policy->nodes[rule];

    if (!at.node)
        return false;
    if (unit->files[at.file]->dialect == PN_CLASSIC)
        return meaning_is(claim, policy, unit, at);
    for (const struct pn_node *n = at.node->children.head; n; n = n->next)
        if ((n->kind == PN_NODE_TARGET || n->kind == PN_NODE_LIST) &&
            meaning_is(claim, policy, unit, (struct pn_rule_node){ n, at.file }))
            return true;
    return false;
}
