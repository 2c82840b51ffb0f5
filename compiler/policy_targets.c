/* A rule's left side: as text, and into the space. */
#define _GNU_SOURCE /* memrchr */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy_work.h"

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
        word = pn_source_slice(&work->unit->files[work->file]->source, span);
        pn_buffer_add(text, word.ptr, word.len);
    }
}

static enum pn_diag_id
accept_in_rule(void *payload, const struct pn_target *target)
{
    struct pn_policy_work *work = payload;
    int before = work->ident;

    work->ident = target->has_ident;
    if (work->node->action == PN_BLOCK &&
        (target->has_ident || target->kind == PN_TARGET_DEFAULT))
        return PN_DIAG_BLOCK_TARGET;
    if (before >= 0 && before != target->has_ident)
        work->mixed = true;
    if (target->has_ident) {
        work->ident_text.size = 0;
        pn_buffer_add(&work->ident_text, target->ident.ptr, target->ident.len);
    }
    return PN_DIAG_COUNT;
}

static void
elements_emit(struct pn_policy_work *work, const struct pn_node *target,
              const struct pn_elements *elements)
{
    struct pn_space *space = work->space;
    uint32_t group = PN_GROUP_NO_IDENT, number = pn_policy_number(work, target);

    if (work->node->action == PN_BLOCK)
        group = PN_GROUP_BLOCKS;
    else if (work->ident > 0)
        group = pn_space_group(space, work->ident_text.bytes, work->ident_text.size);
    for (size_t i = 0; i < elements->count && !space->failed; i++)
        pn_element_emit(&elements->items[i], &work->names->holes, space, group, number);
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

static void
complain_mixed(const struct pn_policy_work *work)
{
    const struct pn_node *first = work->node->children.head, *last = first;
    struct pn_diags *diags = work->unit->diags;
    struct pn_buffer with = { 0 }, without = { 0 };
    struct pn_diag *diag;
    struct pn_span span;

    if (!first) /* a rule always has a target */
        return;
    for (const struct pn_node *n = first; n; n = n->next)
        if (n->kind == PN_NODE_TARGET)
            last = n;
    span = pn_tree_span(pn_policy_tree(work),
                        (struct pn_range){ first->range.first, last->range.last });
    diag = pn_diags_add(diags, PN_DIAG_MIXED_IDENT, pn_policy_tree(work)->source, span);
    targets_write(work, &with, &without);
    if (!with.failed && !without.failed) {
        pn_diag_fix(diags, diag, pn_policy_tree(work)->source, span,
                    (struct pn_str){ with.bytes, with.size });
        pn_diag_fix(diags, diag, pn_policy_tree(work)->source, span,
                    (struct pn_str){ without.bytes, without.size });
    }
    diags->failed |= with.failed || without.failed;
    pn_buffer_free(&with);
    pn_buffer_free(&without);
}

/* Each target with an ident is of that ident only; so they are taken one by one. */
void
pn_policy_targets_add(struct pn_policy_work *work)
{
    const struct pn_node *except = NULL;
    struct pn_node single[2];
    struct pn_elements elements = { 0 };
    struct pn_place place = {
        .file = work->file, .nodes = single, .accept = accept_in_rule, .payload = work
    };

    work->ident = -1;
    work->mixed = false;
    for (const struct pn_node *n = work->node->children.head; n; n = n->next)
        if (n->kind == PN_NODE_EXCEPT)
            except = n;
    for (const struct pn_node *n = work->node->children.head; n; n = n->next) {
        if (n->kind != PN_NODE_TARGET && n->kind != PN_NODE_LIST)
            continue;
        single[0] = *n;
        single[0].next = except ? &single[1] : NULL;
        if (except)
            single[1] = *except;
        single[1].next = NULL;
        elements.count = 0;
        pn_names_gather(work->names, &place, &elements);
        if (except && work->ident > 0)
            pn_policy_complain(work, PN_DIAG_EXCEPT_TARGET, pn_policy_span(work, n));
        else
            elements_emit(work, n, &elements);
    }
    free(elements.items);
    if (work->mixed)
        complain_mixed(work);
}

void
pn_policy_meaning(struct pn_policy *policy, struct pn_unit *unit,
                  struct pn_rule_node target, struct pn_space *out)
{
    struct pn_node node = *target.node, rule = { .kind = PN_NODE_RULE };
    struct pn_policy_work work = { .policy = policy,
                                   .unit = unit,
                                   .names = &policy->names,
                                   .space = out,
                                   .file = target.file,
                                   .node = &rule };

    node.next = NULL;
    rule.children = (struct pn_list){ &node, &node };
    pn_policy_targets_add(&work);
    pn_buffer_free(&work.ident_text);
}
