/* Resolves assertions one at a time: what each is about, and its conditions. */
#include "compiler/assertions.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/classic_rule.h"
#include "compiler/policy_targets.h"

/* Steps of work for an element that is kept for an assertion. */
enum { STEPS_WITHIN = 8 };

struct turns {
    uint32_t *items;
    size_t capacity;
};

struct work {
    struct pn_assertions *assertions;
    struct pn_policy *policy;
    struct pn_unit *unit;
    struct pn_assertion *assertion;
    struct pn_intern *names; /* that assertions mention, */
    struct turns
        *turns; /* and for each name the assertion that mentioned it last, from 1 */
    uint32_t spoken_of; /* other things that this one mentions: a bit for each */
};

static const struct pn_tree *
tree_of(const struct work *work)
{
    return pn_unit_tree(work->unit, work->assertion->at.file);
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

/* A word of a query that is none, with what was likely meant. */
static void
query_complain(const struct work *work, enum pn_diag_id id, uint32_t token)
{
    pn_target_report(work->unit, work->assertion->at.file, id, token_span(work, token));
}

static struct pn_text_at
text_add(struct work *work, struct pn_str text)
{
    struct pn_text_at at = { work->assertions->text.size, text.len };

    pn_buffer_add(&work->assertions->text, text.ptr, text.len);
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
    struct pn_assertion *s = work->assertion;
    struct pn_target target;
    enum pn_diag_id id = word_read(work, node, &target);

    if (id == PN_DIAG_MISSING_EQUALS ||
        (id == PN_DIAG_NONE &&
         (target.kind != PN_TARGET_ADDRESSES || target.count != 1)))
        id = PN_DIAG_BAD_QUERY; /* a host stands behind an address */
    if (id == PN_DIAG_LEADING_ZERO || id == PN_DIAG_BAD_TARGET)
        query_complain(work, id, node->token);
    else if (id != PN_DIAG_NONE)
        complain(work, id, node->token);
    if (id != PN_DIAG_NONE)
        return;
    s->address = pn_number_address(target.first, target.family);
    s->has_ident = target.has_ident;
    s->ident = text_add(work, target.ident);
}

static void
query_host(struct work *work, const struct pn_node *node)
{
    struct pn_assertion *s = work->assertion;
    struct pn_target target;
    enum pn_diag_id id = word_read(work, node, &target);

    if (id == PN_DIAG_NONE &&
        (s->has_host || target.kind != PN_TARGET_HOST || target.has_ident ||
         !target.name.len || target.name.ptr[0] == '.'))
        id = PN_DIAG_BAD_QUERY;
    if (id != PN_DIAG_NONE) {
        query_complain(work, id, node->token);
        return;
    }
    s->has_host = true;
    s->host = text_add(work, target.name);
}

static void
query_read(struct work *work)
{
    bool first = true;

    for (const struct pn_node *n = work->assertion->at.node->children.head; n;
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
                                                               : PN_DIAG_NONE;
}

/* Adds a target to the scope of an ALWAYS. */
static void
within_add(void *payload, const struct pn_node *node,
           const struct pn_gathered *gathered)
{
    struct work *work = payload;
    struct pn_assertion *s = work->assertion;
    struct pn_names *names = &work->policy->names;

    s->everything |= gathered->is_default;
    if (!pn_names_take(names, STEPS_WITHIN * gathered->elements.count))
        return;
    for (size_t i = 0; i < gathered->elements.count && !gathered->is_default; i++)
        if (!pn_element_collect(&gathered->elements.items[i], &names->pool,
                                &s->within)) {
            complain(work, PN_DIAG_ALWAYS_TARGET, node->token);
            break;
        }
}

static void
quantifier_read(struct work *work)
{
    struct pn_assertion *s = work->assertion;
    struct pn_place place = { .file = s->at.file,
                              .nodes = s->at.node->children.head,
                              .accept = accept_in_always,
                              .take = within_add,
                              .payload = work };

    s->outside = s->at.node->action;
    pn_targets_each(&work->policy->names, &place);
    pn_address_set_finish(&s->within);
}

static struct pn_condition *
condition_add(struct work *work, const struct pn_node *node)
{
    struct pn_assertion *s = work->assertion;

    if (!pn_vector_reserve(&s->conditions, &s->condition_capacity,
                           s->condition_count + 1, sizeof(*s->conditions))) {
        work->assertions->failed = true;
        return NULL;
    }
    s->conditions[s->condition_count] =
        (struct pn_condition){ .kind = node->kind, .action = node->action };
    return &s->conditions[s->condition_count++];
}

static void
assign_read(struct work *work, const struct pn_node *node,
            struct pn_condition *condition)
{
    struct pn_buffer *text = &work->assertions->text;
    struct pn_str quoted;
    enum pn_diag_id id;

    condition->name = text_add(work, pn_tree_name(tree_of(work), node));
    condition->value.offset = text->size;
    quoted =
        pn_source_slice(tree_of(work)->source, pn_tree_behind(tree_of(work), node));
    id = pn_literal_value(quoted, text);
    condition->value.size = text->size - condition->value.offset;
    if (id != PN_DIAG_NONE)
        complain(work, id, node->token + 1);
}

/* A target that was resolved before keeps its meaning. */
static struct pn_space *
meaning_add(struct work *work, struct pn_target_at target)
{
    struct pn_assertions *assertions = work->assertions;
    struct pn_str word =
        pn_source_slice(tree_of(work)->source, token_span(work, target.token));
    struct pn_space *meaning;
    uint32_t number;

    if (!pn_intern_add(&assertions->words, word.ptr, word.len, &number) ||
        !pn_vector_reserve(&assertions->meanings, &assertions->meaning_capacity,
                           number + 1, sizeof(struct pn_space *)))
        return NULL;
    if (number < assertions->meaning_count)
        return assertions->meanings[number];
    meaning = pn_malloc(sizeof(*meaning));
    if (!meaning)
        return NULL;
    assertions->meanings[assertions->meaning_count++] = meaning;
    pn_space_begin(meaning);
    if (!meaning->failed)
        pn_policy_meaning(work->policy, target, meaning);
    if (!meaning->failed)
        pn_space_finish(meaning);
    return meaning;
}

static void
by_read(struct work *work, const struct pn_node *node, struct pn_condition *condition)
{
    struct pn_target_at target = { .file = work->assertion->at.file,
                                   .token = node->token + 1 };
    struct pn_names *names = &work->policy->names;

    condition->meaning = meaning_add(work, target);
    work->assertions->failed |= !condition->meaning || condition->meaning->failed;
    pn_names_report_spent(names, target.file, node);
}

/* "!limit" is about the limit, not about a variable. */
static void
unset_read(struct work *work, const struct pn_node *node,
           struct pn_condition *condition)
{
    struct pn_str name =
        pn_source_slice(tree_of(work)->source, token_span(work, node->token));
    enum pn_term term;

    name.ptr++; /* its ! */
    name.len--;
    term = pn_term_named(name);
    if (term == PN_TERM_NONE) {
        condition->name = text_add(work, name);
        return;
    }
    condition->kind = PN_NODE_TERM;
    condition->action = (uint8_t)term;
    condition->terms = pn_terms_none();
}

static void
term_read(struct work *work, const struct pn_node *node, struct pn_condition *condition)
{
    const struct pn_terms_place place = { tree_of(work), work->assertion->at.node,
                                          work->unit->diags };

    condition->terms = pn_terms_none();
    if (node->action == PN_TERM_PENALTY)
        (void)pn_penalty_read(&place, node, &condition->penalty); /* it is reported */
    else if (node->action < PN_TERM_COUNT)
        pn_term_read(&place, node, &work->assertions->text, &condition->terms);
}

static void
assumption_read(struct work *work, const struct pn_node *node)
{
    struct pn_assertion *s = work->assertion;

    if (s->at.node->kind == PN_NODE_EXPECT)
        complain(work, PN_DIAG_ASSUME_IN_EXPECT, node->token);
    if (node->action == PN_NO_HOST)
        s->no_host = true;
    else
        s->no_ident = true;
}

/* Has the current assertion mentioned this name already? Marks it as mentioned. */
static bool
name_is_twice(struct work *work, struct pn_str name)
{
    uint32_t number, turn = (uint32_t)work->assertions->count;
    size_t before = work->names->count;
    bool twice;

    if (!pn_intern_add(work->names, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&work->turns->items, &work->turns->capacity,
                           work->names->count, sizeof(*work->turns->items))) {
        work->assertions->failed = true;
        return false;
    }
    twice = work->names->count == before && work->turns->items[number] == turn;
    work->turns->items[number] = turn;
    return twice;
}

/* Of limits there may be several: of other networks each, or that there is none. */
static bool
limit_is_twice(const struct work *work, const struct pn_condition *condition)
{
    const struct pn_assertion *s = work->assertion;

    for (const struct pn_condition *c = s->conditions; c != condition; c++) {
        const uint32_t *a = c->terms.columns, *b = condition->terms.columns;

        if (c->kind == PN_NODE_TERM && c->action == PN_TERM_LIMIT &&
            (!a[PN_TERM_LIMIT_N] || !b[PN_TERM_LIMIT_N] || pn_limit_is_of(a, b)))
            return true;
    }
    return false;
}

static bool
is_of_penalties(const struct pn_condition *condition)
{
    return condition->kind == PN_NODE_TERM && (condition->action == PN_TERM_PENALTY ||
                                               condition->action == PN_TERM_EXEMPT);
}

static bool
says_what_it_costs(const struct pn_condition *condition)
{
    return condition->action == PN_TERM_PENALTY &&
           condition->penalty.columns[PN_PENALTY_SECONDS];
}

/* Of penalties there may be several: of other statuses each, or that there is none. */
static bool
penalty_is_twice(const struct work *work, const struct pn_condition *condition)
{
    const struct pn_assertion *s = work->assertion;

    for (const struct pn_condition *c = s->conditions; c != condition; c++)
        if (is_of_penalties(c) &&
            (!says_what_it_costs(c) || !says_what_it_costs(condition) ||
             pn_penalties_overlap(&c->penalty, &condition->penalty)))
            return true;
    return false;
}

/* An assertion may mention a verdict, a name, a term or a rule once. */
static bool
is_twice(struct work *work, const struct pn_condition *condition)
{
    uint32_t bit;
    bool twice;

    if (condition->kind == PN_NODE_ASSIGN || condition->kind == PN_NODE_UNSET)
        return name_is_twice(work,
                             pn_assertions_text(work->assertions, condition->name));
    if (condition->kind == PN_NODE_TERM && condition->action == PN_TERM_LIMIT)
        return limit_is_twice(work, condition);
    if (is_of_penalties(condition))
        return penalty_is_twice(work, condition);
    bit = condition->kind == PN_NODE_TERM ? 1U << condition->action
          : condition->kind == PN_NODE_BY ? 1U << PN_TERM_COUNT
                                          : 2U << PN_TERM_COUNT;
    twice = work->spoken_of & bit;
    work->spoken_of |= bit;
    return twice;
}

static void
assertion_read(struct work *work, const struct pn_node *node)
{
    struct pn_condition *condition = condition_add(work, node);

    if (!condition)
        return;
    if (node->kind == PN_NODE_ASSIGN) {
        assign_read(work, node, condition);
    } else if (node->kind == PN_NODE_UNSET) {
        unset_read(work, node, condition);
    } else if (node->kind == PN_NODE_TERM) {
        term_read(work, node, condition);
    } else if (node->kind == PN_NODE_BY) {
        by_read(work, node, condition);
    }
    if (work->assertions->text.failed) /* what it is about could not be read */
        return;
    if (is_twice(work, condition))
        complain(work, PN_DIAG_CLAIM_TWICE, node->token);
}

static void
assertions_read(struct work *work)
{
    for (const struct pn_node *n = work->assertion->at.node->children.head; n;
         n = n->next) {
        if (n->kind == PN_NODE_ASSUME)
            assumption_read(work, n);
        else if (n->kind != PN_NODE_TARGET && n->kind != PN_NODE_LIST &&
                 n->kind != PN_NODE_EXCEPT)
            assertion_read(work, n);
    }
}

void
pn_assertions_resolve(struct pn_assertions *out, struct pn_policy *policy,
                      struct pn_unit *unit)
{
    struct pn_intern names = { 0 };
    struct turns turns = { 0 };

    *out = (struct pn_assertions){ 0 };
    if (!pn_vector_reserve(&out->items, &out->capacity, policy->assertion_count,
                           sizeof(*out->items))) {
        out->failed = policy->assertion_count > 0;
        return;
    }
    policy->names.work.limit = pn_work_for(unit->size).limit;
    for (size_t i = 0; i < policy->assertion_count && !out->failed; i++) {
        struct work work = { .assertions = out,
                             .policy = policy,
                             .unit = unit,
                             .assertion = &out->items[out->count++],
                             .names = &names,
                             .turns = &turns };
        const struct pn_source *source;

        *work.assertion = (struct pn_assertion){ .at = policy->assertions[i] };
        source = tree_of(&work)->source;
        work.assertion->line =
            (uint32_t)pn_source_position(
                source, token_span(&work, work.assertion->at.node->token).offset)
                .line;
        if (work.assertion->at.node->kind == PN_NODE_EXPECT)
            query_read(&work);
        else
            quantifier_read(&work);
        assertions_read(&work);
    }
    pn_intern_clear(&names);
    pn_free(turns.items);
    policy->is_partial |= policy->names.work.spent;
    policy->names.work.limit = 0; /* later questions report nothing */
    out->failed |=
        out->text.failed || policy->space.failed || policy->names.scratch.failed;
}

void
pn_assertions_clear(struct pn_assertions *assertions)
{
    for (size_t i = 0; i < assertions->count; i++) {
        struct pn_assertion *s = &assertions->items[i];

        pn_free(s->conditions);
        pn_address_set_clear(&s->within);
    }
    for (size_t i = 0; i < assertions->meaning_count; i++) {
        pn_space_clear(assertions->meanings[i]);
        pn_free(assertions->meanings[i]);
    }
    pn_free(assertions->items);
    pn_free(assertions->meanings);
    pn_intern_clear(&assertions->words);
    pn_buffer_free(&assertions->text);
    *assertions = (struct pn_assertions){ 0 };
}
