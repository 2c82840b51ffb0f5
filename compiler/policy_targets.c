/* A rule's left side: as text, and into the space. */
#define _GNU_SOURCE /* memrchr */
#include "compiler/policy_targets.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/policy_work.h"

enum { STEPS_AN_ENTRY = 32 }; /* of a list: it is stored and sorted once more */

void
pn_policy_targets_text(const struct pn_policy_work *work, const struct pn_node *nodes)
{
    struct pn_buffer *text = &work->policy->text;

    for (const struct pn_node *n = nodes; n; n = n->next) {
        struct pn_span span;
        struct pn_str word;

        if (n->kind != PN_NODE_TARGET && n->kind != PN_NODE_LIST &&
            n->kind != PN_NODE_EXCEPT)
            return;
        if (n != nodes)
            pn_buffer_add_text(text, n->kind == PN_NODE_EXCEPT ? " except " : ", ");
        if (n->kind == PN_NODE_EXCEPT) {
            pn_policy_targets_text(work, n->children.head);
            continue;
        }
        span = pn_tree_span(pn_policy_tree(work), n->range);
        word = pn_source_slice(pn_unit_source(work->unit, work->file), span);
        pn_buffer_add(text, word.ptr, word.len);
    }
}

static enum pn_diag_id
accept_in_rule(const struct pn_target *target)
{
    (void)target;
    return PN_DIAG_NONE;
}

static enum pn_diag_id
accept_in_block(const struct pn_target *target)
{
    return target->has_ident || target->kind == PN_TARGET_DEFAULT ? PN_DIAG_BLOCK_TARGET
                                                                  : PN_DIAG_NONE;
}

/* A target into a group of the space, or that of its ident. */
static void
gathered_emit(const struct pn_gathered *gathered, const struct pn_names *names,
              struct pn_space *space, uint32_t group, uint32_t number)
{
    if (gathered->has_ident)
        group = pn_space_group(space, gathered->ident.bytes, gathered->ident.size);
    for (size_t i = 0; i < gathered->elements.count && !space->failed; i++)
        pn_element_emit(&gathered->elements.items[i], &names->pool, space, group,
                        number);
}

/* May all of it be emitted again, key by key? A list counts for each of its entries. */
static bool
may_emit(struct pn_names *names, const struct pn_gathered *gathered)
{
    for (size_t i = 0; i < gathered->elements.count; i++) {
        const struct pn_element *element = &gathered->elements.items[i];
        bool is_list = element->kind == PN_TARGET_LIST && names->pool.lists;
        const struct pn_list_addresses *list =
            is_list ? &names->pool.lists[element->count] : NULL;

        if (list &&
            !pn_names_take(names, STEPS_AN_ENTRY * (list->v4_count + list->v6_count)))
            return false;
    }
    return true;
}

/* Behind the ident of a target's word, or 0. */
static size_t
ident_size(struct pn_str word)
{
    const char *quote =
        word.len && word.ptr[0] == '"' ? memrchr(word.ptr, '"', word.len) : NULL;
    const char *from = quote ? quote : word.ptr;
    const char *at = memchr(from, '@', word.len - (size_t)(from - word.ptr));

    return at ? (size_t)(at + 1 - word.ptr) : 0;
}

/* All targets for the ident that stands first, or all of them for none. */
static void
targets_write(const struct pn_policy_work *work, struct pn_buffer *with,
              struct pn_buffer *without)
{
    struct pn_str ident = { "", 0 };

    for (const struct pn_node *n = work->node->children.head; n; n = n->next) {
        struct pn_str word =
            pn_source_slice(pn_policy_tree(work)->source, pn_policy_span(work, n));

        if (n->kind == PN_NODE_TARGET && !ident.len)
            ident = (struct pn_str){ word.ptr, ident_size(word) };
    }
    for (const struct pn_node *n = work->node->children.head; n; n = n->next) {
        struct pn_str word =
            pn_source_slice(pn_policy_tree(work)->source, pn_policy_span(work, n));
        size_t front = ident_size(word);

        if (n->kind != PN_NODE_TARGET)
            continue;
        pn_buffer_add_text(with, with->size ? ", " : "");
        pn_buffer_add_text(without, without->size ? ", " : "");
        if (!front)
            pn_buffer_add(with, ident.ptr, ident.len);
        pn_buffer_add(with, word.ptr, word.len);
        pn_buffer_add(without, word.ptr + front, word.len - front);
    }
}

/* The fix-its are the two readings; what has a list can be written in neither. */
static void
mixed_report(const struct pn_policy_work *work)
{
    const struct pn_node *first = work->node->children.head, *last = first;
    struct pn_diags *diags = work->unit->diags;
    struct pn_buffer with = { 0 }, without = { 0 };
    bool has_list = false;
    struct pn_diag *diag;
    struct pn_span span;

    if (!first) /* a rule always has a target */
        return;
    for (const struct pn_node *n = first; n; n = n->next) {
        has_list |= n->kind == PN_NODE_LIST;
        if (n->kind == PN_NODE_TARGET || n->kind == PN_NODE_LIST)
            last = n;
    }
    span = pn_tree_span(pn_policy_tree(work),
                        (struct pn_range){ first->range.first, last->range.last });
    diag = pn_diags_add(diags, PN_DIAG_MIXED_IDENT, pn_policy_tree(work)->source, span);
    if (has_list)
        return;
    targets_write(work, &with, &without);
    if (!with.failed && !without.failed) {
        pn_diag_fix(diags, diag, pn_policy_tree(work)->source, span,
                    (struct pn_str){ with.bytes, with.size });
        pn_diag_fix(diags, diag, pn_policy_tree(work)->source, span,
                    (struct pn_str){ without.bytes, without.size });
    }
    pn_diags_fail(diags, with.failed || without.failed);
    pn_buffer_free(&with);
    pn_buffer_free(&without);
}

uint32_t
pn_policy_number(struct pn_policy_work *work, const struct pn_node *target)
{
    struct pn_policy *policy = work->policy;

    if (!work->options || !work->options->by_target)
        return (uint32_t)policy->count;
    if (!pn_vector_reserve(&policy->items, &policy->item_capacity,
                           policy->item_count + 1, sizeof(*policy->items))) {
        policy->failed = true;
        return 0;
    }
    policy->items[policy->item_count++] =
        (struct pn_rule_item){ (uint32_t)policy->count, target };
    return (uint32_t)policy->item_count - 1;
}

/* The targets of a rule, one by one: how many of them are for an ident. */
struct adding {
    struct pn_policy_work *work;
    size_t count, with_ident;
};

/* One that is shared: as a shape; small sets and single targets, as they are. */
static void
shared_emit(struct pn_policy_work *work, const struct pn_gathered *gathered,
            struct pn_shape_use use)
{
    struct pn_names *names = work->names;

    if (gathered->has_ident)
        use.group =
            pn_space_group(names->space, gathered->ident.bytes, gathered->ident.size);
    if (gathered->set)
        pn_shapes_use(&work->shapes, names, &use);
    for (size_t i = 0; i < gathered->elements.count && !names->space->failed; i++) {
        struct pn_element element = gathered->elements.items[i];

        use.element = &element;
        if (pn_element_has_addresses(&element) &&
            (gathered->shared || element.kind == PN_TARGET_LIST)) {
            pn_shapes_use(&work->shapes, names, &use);
            continue;
        }
        if (pn_element_has_addresses(&element))
            element.excluded =
                pn_set_pool_union(&names->pool, element.excluded, gathered->own);
        pn_element_emit(&element, &names->pool, names->space, use.group, use.rule);
    }
}

/* What is said again is of no interest, but where it is asked for key by key. */
static bool
is_shared(const struct pn_policy_work *work)
{
    return !work->options->by_target && !work->options->keep_equal;
}

static void
target_add(void *payload, const struct pn_node *node,
           const struct pn_gathered *gathered)
{
    struct adding *adding = payload;
    struct pn_policy_work *work = adding->work;
    bool block = work->node->action == PN_BLOCK;
    struct pn_shape_use use = { .gathered = gathered,
                                .group = block ? PN_GROUP_BLOCKS : PN_GROUP_NO_IDENT,
                                .rule = pn_policy_number(work, node) };

    adding->count++;
    adding->with_ident += gathered->has_ident;
    if (!is_shared(work) && may_emit(work->names, gathered))
        gathered_emit(gathered, work->names, work->space, use.group, use.rule);
    else if (is_shared(work))
        shared_emit(work, gathered, use);
}

/* A plain address or prefix alone, which is what most rules of long files are about. */
static bool
plain_add(struct pn_policy_work *work)
{
    const struct pn_node *node = work->node->children.head;
    struct pn_plain plain;

    if (node->next || node->kind != PN_NODE_TARGET || work->names->work.spent ||
        !pn_literal_plain(
            pn_source_slice(pn_policy_tree(work)->source, pn_policy_span(work, node)),
            &plain))
        return false;
    pn_space_add_prefix(
        work->space,
        work->node->action == PN_BLOCK ? PN_GROUP_BLOCKS : PN_GROUP_NO_IDENT, 4,
        (struct pn_prefix){ .start = plain.first,
                            .rule = pn_policy_number(work, node),
                            .length = plain.length,
                            .rank_length = plain.length,
                            .is_address = plain.is_address });
    return true;
}

void
pn_policy_targets_add(struct pn_policy_work *work)
{
    bool block = work->node->action == PN_BLOCK;
    struct adding adding = { .work = work };
    struct pn_place place = { .file = work->file,
                              .nodes = work->node->children.head,
                              .accept = block ? accept_in_block : accept_in_rule,
                              .take = target_add,
                              .payload = &adding,
                              .share = is_shared(work) };

    if (plain_add(work))
        return;
    pn_targets_each(work->names, &place);
    if (adding.with_ident && adding.with_ident < adding.count)
        mixed_report(work);
}

void
pn_policy_meaning(struct pn_policy *policy, struct pn_target_at target,
                  struct pn_space *out)
{
    struct pn_gathered gathered = { 0 };

    pn_target_gather(&policy->names, target, accept_in_rule, &gathered);
    if (gathered.good)
        gathered_emit(&gathered, &policy->names, out, PN_GROUP_NO_IDENT, 0);
    out->failed |= policy->space.failed;
    pn_gathered_clear(&gathered);
}
