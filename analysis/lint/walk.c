/* Walks through the trees: assignments, and uses of names. */
#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/context.h"
#include "analysis/lint/walk.h"
#include "base/memory.h"

static void
assignment_take(struct pn_lint *lint, uint32_t file, const struct pn_node *node,
                const struct pn_node *around, pn_assignment_fn take)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);
    struct pn_span value = pn_token_span(tree->tokens[node->token + 1]);
    struct pn_str name = pn_tree_name(tree, node);
    struct pn_assignment a = {
        .file = file,
        .node = node,
        .around = around,
        .name = name,
        .name_span = { (uint32_t)(name.ptr - tree->source->text), (uint32_t)name.len },
        .value_span = { value.offset + 1, value.size - 2 },
    };

    take(lint, &a);
}

void
pn_lint_assignments(struct pn_lint *lint, pn_assignment_fn take)
{
    for (uint32_t i = 0; i < lint->unit->count; i++) {
        const struct pn_node *file = lint->unit->files[i]->tree.file;

        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next)
            for (const struct pn_node *c = n->children.head;
                 c && (n->kind == PN_NODE_RULE || n->kind == PN_NODE_ENV); c = c->next)
                if (c->kind == PN_NODE_ASSIGN)
                    assignment_take(lint, i, c, n, take);
    }
}

static void
uses_take(struct pn_lint *lint, uint32_t file, const struct pn_node *nodes,
          pn_use_fn take, void *payload)
{
    for (const struct pn_node *n = nodes; n; n = n->next) {
        if (n->kind == PN_NODE_TARGET || n->kind == PN_NODE_GROUP)
            take(payload, lint, file, n);
        else if (n->kind == PN_NODE_EXCEPT)
            for (const struct pn_node *c = n->children.head; c; c = c->next)
                if (c->kind == PN_NODE_TARGET)
                    take(payload, lint, file, c);
    }
}

void
pn_lint_uses(struct pn_lint *lint, pn_use_fn take, void *payload)
{
    for (uint32_t i = 0; i < lint->unit->count; i++) {
        const struct pn_node *file = lint->unit->files[i]->tree.file;

        if (lint->unit->files[i]->dialect == PN_CLASSIC)
            continue;
        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next)
            uses_take(lint, i, n->children.head, take, payload);
    }
}

static void
use_count(void *payload, struct pn_lint *lint, uint32_t file,
          const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);
    struct pn_str word =
        pn_source_slice(tree->source, pn_token_span(tree->tokens[node->token]));
    const char *sign = word.len ? memchr(word.ptr, '$', word.len) : NULL;
    uint32_t number;

    (void)payload;
    if (!sign)
        return;
    sign++;
    if (pn_intern_find(&lint->policy->names.intern, sign,
                       word.len - (size_t)(sign - word.ptr), &number))
        lint->use_counts[number]++;
}

bool
pn_lint_count_uses(struct pn_lint *lint)
{
    lint->use_counts =
        pn_calloc(lint->policy->names.intern.count + 1, sizeof(*lint->use_counts));
    if (lint->use_counts)
        pn_lint_uses(lint, use_count, NULL);
    return lint->use_counts != NULL;
}
