/* A rule's variables: its own, and those of its groups. */
#include <string.h>

#include "compiler/env_item.h"
#include "compiler/policy_work.h"

/* Does the environment that this rule has so far set the name? */
static bool
is_set(const struct pn_policy_work *work, struct pn_str name)
{
    const struct pn_buffer *text = &work->policy->text;
    size_t at = work->rule->env;

    while (at < text->size) {
        const char *item = text->bytes + at + 1;
        size_t len = strlen(item);

        if (len > name.len && item[name.len] == '=' &&
            memcmp(item, name.ptr, name.len) == 0)
            return true;
        at += len + 2;
    }
    return false;
}

/* "+NAME=value" and a NUL, as in a classic record; `use` is what is told to be twice.
 */
static void
setting_add(struct pn_policy_work *work, uint32_t file, const struct pn_node *setting,
            struct pn_span use)
{
    const struct pn_tree *tree = &work->unit->files[file]->tree;
    struct pn_buffer *decoded = &work->names->scratch;
    struct pn_str name = pn_tree_name(tree, setting);
    struct pn_span value = pn_tree_behind(tree, setting);
    enum pn_diag_id id;

    if (is_set(work, name))
        pn_policy_complain(work, PN_DIAG_ENV_TWICE, use);
    decoded->size = 0;
    id = pn_literal_value(pn_source_slice(&work->unit->files[file]->source, value),
                          decoded);
    if (id == PN_DIAG_COUNT)
        (void)pn_env_item_add(&work->policy->text, name,
                              (struct pn_str){ decoded->bytes, decoded->size });
    else
        pn_diags_add(work->unit->diags, id, &work->unit->files[file]->source, value);
}

static void
group_add(struct pn_policy_work *work, uint32_t file, const struct pn_node *node,
          struct pn_span use);

/* The settings among nodes of a file; what is twice is told where the rule has it. */
static void
settings_add(struct pn_policy_work *work, uint32_t file, const struct pn_node *nodes,
             const struct pn_span *use)
{
    for (const struct pn_node *n = nodes; n; n = n->next) {
        struct pn_span span =
            use ? *use : pn_token_span(work->unit->files[file]->tree.tokens[n->token]);

        if (n->kind == PN_NODE_ASSIGN)
            setting_add(work, file, n, span);
        else if (n->kind == PN_NODE_GROUP)
            group_add(work, file, n, span);
    }
}

/* A group may hold groups: each is open while it is walked, so that none holds itself.
 */
static void
group_add(struct pn_policy_work *work, uint32_t file, const struct pn_node *node,
          struct pn_span use)
{
    const struct pn_tree *tree = &work->unit->files[file]->tree;
    struct pn_span span = pn_token_span(tree->tokens[node->token]);
    struct pn_str name = pn_source_slice(tree->source, span);
    struct pn_definition *group;
    enum pn_diag_id id = PN_DIAG_COUNT;

    name.ptr++; /* its $ */
    name.len--;
    group = pn_names_find(work->names, file, name, PN_NODE_ENV, span);
    if (!group)
        return;
    if (group->state == PN_NAME_OPEN)
        id = PN_DIAG_NAME_CYCLE;
    else if (work->names->depth >= PN_NAME_DEPTH_MAX)
        id = PN_DIAG_NAME_DEPTH;
    if (id != PN_DIAG_COUNT) {
        pn_diags_add(work->unit->diags, id, tree->source, span);
        return;
    }
    group->state = PN_NAME_OPEN;
    group->used = true;
    work->names->depth++;
    settings_add(work, group->file, group->node->children.head, &use);
    work->names->depth--;
    group->state = PN_NAME_NEW;
}

void
pn_policy_settings_add(struct pn_policy_work *work, uint32_t file,
                       const struct pn_node *nodes)
{
    settings_add(work, file, nodes, NULL);
}
