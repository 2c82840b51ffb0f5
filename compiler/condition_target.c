/*
 * The meaning of a target is a text of what its space holds, interned as a number:
 * targets with the same content under the same ident have equal meanings.
 */
#include "compiler/condition_target.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/classic_rule.h"
#include "compiler/policy_targets.h"

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

static void
put_size(struct pn_buffer *out, size_t size)
{
    pn_buffer_add(out, &size, sizeof(size));
}

static void
prefix_write(struct pn_buffer *out, const struct pn_prefix *p)
{
    const uint8_t shape[] = { p->length, p->is_address };

    pn_buffer_add(out, &p->start, sizeof(p->start));
    pn_buffer_add(out, shape, sizeof(shape));
}

static void
prefixes_write(struct pn_buffer *out, const struct pn_prefixes *list)
{
    put_size(out, list->count);
    for (size_t i = 0; i < list->count; i++)
        prefix_write(out, &list->items[i]);
}

static void
group_write(struct pn_buffer *out, const struct pn_group *group)
{
    const uint8_t wide[] = { group->any_host != PN_RULE_NONE,
                             group->fallback != PN_RULE_NONE };

    prefixes_write(out, &group->prefixes[PN_V4]);
    prefixes_write(out, &group->prefixes[PN_V6]);
    put_size(out, group->spelt_count);
    for (size_t i = 0; i < group->spelt_count; i++) { /* of one key each */
        const struct pn_spelt *spelt = &group->spelt[i];

        pn_buffer_add(out, &spelt->prefix.start, sizeof(spelt->prefix.start));
        pn_buffer_add(out, &spelt->prefix.length, sizeof(spelt->prefix.length));
        pn_buffer_add(out, &spelt->zeros, sizeof(spelt->zeros));
    }
    put_size(out, group->host_count);
    for (size_t i = 0; i < group->host_count; i++) /* sorted by their numbers */
        pn_buffer_add(out, &group->hosts[i].name, sizeof(group->hosts[i].name));
    pn_buffer_add(out, wide, sizeof(wide));
}

/* The number of a meaning, and 1; 0 without memory. */
static uint32_t
meaning_number(struct pn_condition_targets *memo, const struct pn_space *space)
{
    struct pn_buffer text = { 0 };
    uint32_t number = 0;

    put_size(&text, space->idents.count);
    put_size(&text, space->idents.bytes.size);
    pn_buffer_add(&text, space->idents.bytes.bytes, space->idents.bytes.size);
    for (size_t i = 0; i < space->group_count; i++)
        group_write(&text, &space->groups[i]);
    if (text.failed ||
        !pn_intern_add(&memo->meanings, text.bytes, text.size, &number)) {
        memo->failed = true;
        number = UINT32_MAX;
    }
    pn_buffer_free(&text);
    return number + 1;
}

/* The slot for the number of a text, 0 at first; NULL without memory. */
static uint32_t *
known_of(struct pn_condition_targets *memo, const void *key, size_t size)
{
    size_t before = memo->words.count;
    uint32_t number;

    if (!pn_intern_add(&memo->words, key, size, &number) ||
        !pn_vector_reserve(&memo->of_words, &memo->word_capacity, memo->words.count,
                           sizeof(*memo->of_words))) {
        memo->failed = true;
        return NULL;
    }
    if (memo->words.count > before)
        memo->of_words[number] = 0;
    return &memo->of_words[number];
}

/* The meaning of a rule's target: a classic rule's key, or one of several targets. */
static uint32_t
target_number(struct pn_policy *policy, struct pn_unit *unit,
              struct pn_rule_node target)
{
    const struct pn_tree *tree = pn_unit_tree(unit, target.file);
    struct pn_buffer text = { 0 };
    struct pn_policy_rule rule;
    struct pn_space space;
    uint32_t number = 0;

    pn_space_begin(&space);
    if (!space.failed && target.node->kind == PN_NODE_RULE) {
        struct pn_classic_place place = { .tree = tree,
                                          .rule = target.node,
                                          .is_root = true };

        pn_classic_rule_add(&place, &space, &text, &rule);
        hosts_renumber(&space, policy);
    } else if (!space.failed) {
        pn_policy_meaning(
            policy, (struct pn_target_at){ .file = target.file, .node = target.node },
            &space);
    }
    if (!space.failed)
        pn_space_finish(&space);
    if (!space.failed)
        number = meaning_number(&policy->targets, &space);
    policy->targets.failed |= space.failed;
    pn_buffer_free(&text);
    pn_space_clear(&space);
    return number;
}

/* Records that this rule has a target with this meaning. */
static void
pair_add(struct pn_condition_targets *memo, uint32_t rule, uint32_t meaning)
{
    const uint32_t pair[] = { rule, meaning };
    uint32_t number;

    if (!pn_intern_add(&memo->pairs, pair, sizeof(pair), &number))
        memo->failed = true;
}

/* Words mean the same wherever they stand; a list's path does not. */
static void
node_add(struct pn_policy *policy, struct pn_unit *unit, uint32_t rule,
         struct pn_rule_node target)
{
    const struct pn_tree *tree = pn_unit_tree(unit, target.file);
    struct pn_str word =
        pn_source_slice(tree->source, pn_token_span(tree->tokens[target.node->token]));
    uint32_t *known, number;

    if (target.node->kind != PN_NODE_TARGET) {
        pair_add(&policy->targets, rule, target_number(policy, unit, target));
        return;
    }
    known = known_of(&policy->targets, word.ptr, word.len);
    number = known ? *known : 0;
    if (known && !number) {
        number = target_number(policy, unit, target);
        *known = number;
    }
    pair_add(&policy->targets, rule, number);
}

static void
rule_add(struct pn_policy *policy, struct pn_unit *unit, uint32_t rule)
{
    struct pn_rule_node at = policy->nodes[rule];

    if (unit->files[at.file]->dialect == PN_CLASSIC) {
        node_add(policy, unit, rule, at);
        return;
    }
    for (const struct pn_node *n = at.node->children.head; n; n = n->next)
        if (n->kind == PN_NODE_TARGET || n->kind == PN_NODE_LIST)
            node_add(policy, unit, rule, (struct pn_rule_node){ n, at.file });
}

bool
pn_condition_target_is(const struct pn_condition *condition, struct pn_policy *policy,
                       struct pn_unit *unit, uint32_t rule)
{
    struct pn_condition_targets *memo = &policy->targets;
    const struct pn_space *meaning = condition->meaning;
    uint32_t *known, pair[2] = { rule, 0 }, number;

    if (!policy->nodes[rule].node)
        return false;
    if (!memo->is_known)
        memo->is_known = pn_calloc(policy->count, sizeof(*memo->is_known));
    known = known_of(memo, &meaning, sizeof(meaning)); /* no word has a NUL */
    if (!memo->is_known || !known) {
        policy->failed = true;
        return false;
    }
    if (!*known)
        *known = meaning_number(memo, meaning);
    pair[1] = *known;
    if (!memo->is_known[rule])
        rule_add(policy, unit, rule);
    memo->is_known[rule] = true;
    policy->failed |= memo->failed;
    return !memo->failed && pn_intern_find(&memo->pairs, pair, sizeof(pair), &number);
}
