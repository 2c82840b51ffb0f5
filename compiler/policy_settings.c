/*
 * A rule's variables: its own, and those of its groups. A group is read once, and of a
 * rule it is part once: what it holds a second time is there twice already.
 */
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/env_item.h"
#include "compiler/policy_work.h"

/* What is kept stands in the text, among those that are looked for, and in the image.
 */
enum { BYTES_PER_STEP = 16, STEPS_PER_KEPT_BYTE = 2 };

bool
pn_env_groups_begin(struct pn_env_groups *groups, const struct pn_policy_work *work)
{
    size_t count = work->names->intern.count;

    *groups = (struct pn_env_groups){ .work = pn_work_for(work->unit->size) };
    groups->items = pn_calloc(count + 1, sizeof(*groups->items));
    return groups->items != NULL;
}

void
pn_env_groups_clear(struct pn_env_groups *groups)
{
    pn_intern_clear(&groups->names);
    pn_free(groups->turns);
    pn_free(groups->parts);
    pn_free(groups->items);
    pn_buffer_free(&groups->text);
}

/* The place of an error in a rule, and whether it was reported. */
struct use {
    struct pn_span span;
    bool is_reported;
};

static void
duplicate_report(const struct pn_policy_work *work, struct use *use)
{
    if (!use->is_reported)
        pn_policy_report(work, PN_DIAG_ENV_TWICE, use->span);
    use->is_reported = true;
}

/* The number of a variable's name; false without memory. */
static bool
name_number(struct pn_policy_work *work, struct pn_str name, uint32_t *out)
{
    struct pn_env_groups *groups = &work->groups;
    size_t before = groups->names.count;

    if (!pn_intern_add(&groups->names, name.ptr, name.len, out) ||
        !pn_vector_reserve(&groups->turns, &groups->turn_capacity, groups->names.count,
                           sizeof(*groups->turns))) {
        work->policy->failed = true;
        return false;
    }
    if (groups->names.count > before)
        groups->turns[*out] = 0;
    return true;
}

/* The rule at hand sets a name. */
static void
name_set(struct pn_policy_work *work, uint32_t name, struct use *use)
{
    uint32_t *turn = &work->groups.turns[name];

    if (*turn == work->groups.turn)
        duplicate_report(work, use);
    *turn = work->groups.turn;
}

/* "+NAME=value" and a NUL, as in a classic record; false when it is none. */
static bool
item_read(struct pn_policy_work *work, uint32_t file, const struct pn_node *setting,
          struct pn_buffer *out, uint32_t *name)
{
    const struct pn_tree *tree = pn_unit_tree(work->unit, file);
    struct pn_buffer *decoded = &work->names->scratch;
    struct pn_span value = pn_tree_behind(tree, setting);
    enum pn_diag_id id;

    decoded->size = 0;
    id = pn_literal_value(pn_source_slice(tree->source, value), decoded);
    if (id != PN_DIAG_NONE) {
        pn_diags_add(work->unit->diags, id, tree->source, value);
        return false;
    }
    return name_number(work, pn_tree_name(tree, setting), name) &&
           pn_env_item_add(out, pn_tree_name(tree, setting),
                           (struct pn_str){ decoded->bytes, decoded->size });
}

/*
 * The definition that a node names; UINT32_MAX after a diagnostic when there is none.
 */
static uint32_t
group_number(struct pn_policy_work *work, uint32_t file, const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(work->unit, file);
    struct pn_span span = pn_token_span(tree->tokens[node->token]);
    struct pn_str name = pn_source_slice(tree->source, span);
    const struct pn_definition *group;

    name.ptr++; /* its $ */
    name.len--;
    group = pn_names_find(work->names, file, name, PN_NODE_ENV, span);
    return group ? (uint32_t)(group - work->names->items) : UINT32_MAX;
}

static void
part_add(struct pn_policy_work *work, uint32_t file, const struct pn_node *node)
{
    struct pn_env_groups *groups = &work->groups;
    struct pn_env_part part = { .is_group = node->kind == PN_NODE_GROUP,
                                .token = node->token,
                                .at = groups->text.size };

    if (part.is_group)
        part.name = group_number(work, file, node);
    else if (!item_read(work, file, node, &groups->text, &part.name))
        return;
    part.size = groups->text.size - part.at;
    if (part.is_group && part.name == UINT32_MAX)
        return;
    if (pn_vector_reserve(&groups->parts, &groups->part_capacity,
                          groups->part_count + 1, sizeof(part)))
        groups->parts[groups->part_count++] = part;
    else
        work->policy->failed = true;
}

/* What a group holds, as its definition has it. */
static struct pn_env_group *
group_read(struct pn_policy_work *work, uint32_t number)
{
    const struct pn_definition *definition = &work->names->items[number];
    struct pn_env_group *group = &work->groups.items[number];

    if (group->is_read)
        return group;
    group->first = work->groups.part_count;
    for (const struct pn_node *n = definition->node->children.head; n; n = n->next)
        if (n->kind == PN_NODE_ASSIGN || n->kind == PN_NODE_GROUP)
            part_add(work, definition->file, n);
    group->count = work->groups.part_count - group->first;
    group->is_read = true;
    return group;
}

/* Why a group cannot be part of what is at hand. */
static enum pn_diag_id
group_fault(const struct pn_policy_work *work, uint32_t number)
{
    if (work->names->items[number].state == PN_NAME_OPEN)
        return PN_DIAG_NAME_CYCLE;
    return work->names->depth >= PN_NAME_DEPTH_MAX ? PN_DIAG_NAME_DEPTH : PN_DIAG_NONE;
}

/* Takes steps; reports once for a policy that none are left. */
static bool
steps_take(struct pn_policy_work *work, size_t steps, struct pn_span span)
{
    static const char note[] =
        "  here the groups of all rules come to more than there is room for: what many "
        "rules share\n  belongs into one group, and that alone behind their verdict\n";
    bool before = work->groups.work.spent;
    struct pn_diag *diag;

    if (pn_work_take(&work->groups.work, steps))
        return true;
    if (before)
        return false;
    diag = pn_diags_add(work->unit->diags, PN_DIAG_TOO_MUCH,
                        pn_policy_tree(work)->source, span);
    pn_diag_note(work->unit->diags, diag, (struct pn_str){ note, sizeof(note) - 1 });
    return false;
}

static void
group_add(struct pn_policy_work *work, uint32_t number, struct use *use);

static void
part_use(struct pn_policy_work *work, uint32_t file, struct pn_env_part *part,
         struct use *use)
{
    const struct pn_tree *tree = pn_unit_tree(work->unit, file);
    enum pn_diag_id id;

    if (!part->is_group) {
        name_set(work, part->name, use);
        pn_buffer_add(&work->policy->text, work->groups.text.bytes + part->at,
                      part->size);
        work->groups.copied += part->size;
        return;
    }
    id = group_fault(work, part->name);
    if (id == PN_DIAG_NONE) {
        group_add(work, part->name, use);
        return;
    }
    if (!part->is_reported)
        pn_diags_add(work->unit->diags, id, tree->source,
                     pn_token_span(tree->tokens[part->token]));
    part->is_reported = true;
}

/* A group may hold groups: each is open while it is walked, so that none holds itself.
 */
static void
group_add(struct pn_policy_work *work, uint32_t number, struct use *use)
{
    struct pn_definition *definition = &work->names->items[number];
    struct pn_env_group *group = group_read(work, number);

    definition->used = true;
    if (group->turn == work->groups.turn) {
        duplicate_report(work, use);
        return;
    }
    group->turn = work->groups.turn;
    definition->state = PN_NAME_OPEN;
    work->names->depth++;
    for (size_t i = 0; i < group->count; i++) {
        struct pn_env_part *part = &work->groups.parts[group->first + i];

        if (!steps_take(work, 1 + part->size / BYTES_PER_STEP, use->span))
            break;
        part_use(work, definition->file, part, use);
    }
    work->names->depth--;
    definition->state = PN_NAME_NEW;
}

/* Is a group all that a rule is given? */
static bool
is_only(const struct pn_node *nodes, const struct pn_node *group)
{
    for (const struct pn_node *n = nodes; n; n = n->next)
        if (n != group && (n->kind == PN_NODE_ASSIGN || n->kind == PN_NODE_GROUP))
            return false;
    return true;
}

/* A group of the rule: what it came to before, or walked once more. */
static void
group_use(struct pn_policy_work *work, const struct pn_node *nodes,
          const struct pn_node *node, struct use *use)
{
    struct pn_env_groups *groups = &work->groups;
    uint32_t number = group_number(work, work->file, node);

    if (number == UINT32_MAX)
        return;
    if (is_only(nodes, node))
        groups->only = &groups->items[number];
    if (groups->only && groups->only->is_kept) {
        work->rule->env = groups->only->env;
        work->rule->env_size = groups->only->size;
        groups->is_same = true;
    } else {
        group_add(work, number, use);
    }
}

bool
pn_policy_settings_add(struct pn_policy_work *work)
{
    const struct pn_node *nodes = work->node->children.head;
    struct pn_env_groups *groups = &work->groups;

    groups->turn++;
    groups->copied = 0;
    groups->only = NULL;
    groups->is_same = false;
    for (const struct pn_node *n = nodes; n && !work->policy->failed; n = n->next) {
        struct use use = { .span = pn_policy_span(work, n) };
        uint32_t name;

        if (n->kind == PN_NODE_GROUP)
            group_use(work, nodes, n, &use);
        else if (n->kind == PN_NODE_ASSIGN &&
                 item_read(work, work->file, n, &work->policy->text, &name))
            name_set(work, name, &use);
    }
    return !groups->is_same;
}

void
pn_policy_settings_keep(struct pn_policy_work *work, bool is_new)
{
    struct pn_env_group *only = work->groups.only;

    if (is_new) /* it reports by itself when that is too much */
        (void)steps_take(work, STEPS_PER_KEPT_BYTE * work->groups.copied,
                         pn_policy_span(work, work->node));
    if (!only || work->rule->verdict != POSTERN_ALLOW || work->unit->diags->errors)
        return;
    only->env = work->rule->env;
    only->size = work->rule->env_size;
    only->is_kept = true;
}

void
pn_policy_group_check(struct pn_policy_work *work, uint32_t number)
{
    const struct pn_env_group *group = group_read(work, number);
    const struct pn_tree *tree = pn_policy_tree(work);

    work->groups.turn++;
    for (size_t i = 0; i < group->count && !work->policy->failed; i++) {
        struct pn_env_part *part = &work->groups.parts[group->first + i];
        struct use use = { .span = pn_token_span(tree->tokens[part->token]) };

        part_use(work, work->file, part, &use);
    }
}
