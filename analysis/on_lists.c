/* Found in the trees alone: what the lists hold does not matter. */
#include "analysis/on_lists.h"

#include <string.h>

#include "base/memory.h"

bool
pn_on_lists_is(const struct pn_on_lists *listed, uint32_t file,
               const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(listed->unit, file);
    struct pn_str word;
    const char *sign;
    uint32_t number;

    if (node->kind == PN_NODE_LIST)
        return true;
    if (node->kind != PN_NODE_TARGET)
        return false;
    word = pn_source_slice(tree->source, pn_token_span(tree->tokens[node->token]));
    sign = word.len ? memchr(word.ptr, '$', word.len) : NULL;
    return sign &&
           pn_intern_find(&listed->names->intern, sign + 1,
                          word.len - (size_t)(sign + 1 - word.ptr), &number) &&
           listed->sets[number];
}

static bool
is_in_hole(const struct pn_on_lists *listed, uint32_t file,
           const struct pn_node *except)
{
    for (const struct pn_node *n = except->children.head; n; n = n->next)
        if (pn_on_lists_is(listed, file, n))
            return true;
    return false;
}

bool
pn_on_lists_among(const struct pn_on_lists *listed, uint32_t file,
                  const struct pn_node *nodes)
{
    for (const struct pn_node *n = nodes; n; n = n->next)
        if (n->kind == PN_NODE_EXCEPT ? is_in_hole(listed, file, n)
                                      : pn_on_lists_is(listed, file, n))
            return true;
    return false;
}

bool
pn_on_lists_is_taken_out(const struct pn_on_lists *listed)
{
    for (uint32_t i = 0; i < listed->unit->count; i++) {
        const struct pn_node *file = listed->unit->files[i]->tree.file;

        for (const struct pn_node *s = file ? file->children.head : NULL; s;
             s = s->next)
            for (const struct pn_node *n = s->children.head; n; n = n->next)
                if (n->kind == PN_NODE_EXCEPT && is_in_hole(listed, i, n))
                    return true;
    }
    return false;
}

/* Repeated until no more are found: sets may name others in any order. */
bool
pn_on_lists_make(struct pn_on_lists *listed, const struct pn_unit *unit,
                 const struct pn_names *names)
{
    bool more = true;

    *listed = (struct pn_on_lists){ unit, names, NULL };
    listed->sets = pn_calloc(names->intern.count + 1, sizeof(*listed->sets));
    while (listed->sets && more) {
        more = false;
        for (size_t i = 0; i < names->intern.count; i++) {
            const struct pn_definition *d = &names->items[i];

            if (listed->sets[i] || !d->node || d->node->kind != PN_NODE_SET)
                continue;
            listed->sets[i] =
                pn_on_lists_among(listed, d->file, d->node->children.head);
            more |= listed->sets[i];
        }
    }
    return listed->sets != NULL;
}

void
pn_on_lists_clear(struct pn_on_lists *listed)
{
    pn_free(listed->sets);
    *listed = (struct pn_on_lists){ NULL, NULL, NULL };
}
