/* Claims ask for the nodes of rules that nothing else asks for. */
#include "compiler/unit.h"
#include "grammar/plain.h"

static bool
has_claims(const struct pn_file *file)
{
    const struct pn_node *node =
        file->tree.file ? file->tree.file->children.head : NULL;

    while (node && node->kind != PN_NODE_EXPECT && node->kind != PN_NODE_ALWAYS)
        node = node->next;
    return node != NULL;
}

void
pn_unit_expand(struct pn_unit *unit)
{
    size_t claims = 0;

    if (unit->parsing.detail == PN_DETAIL_WHOLE || unit->failed)
        return;
    for (size_t i = 0; i < unit->count && !claims; i++)
        claims += has_claims(unit->files[i]);
    if (!claims)
        return;
    unit->parsing.detail = PN_DETAIL_WHOLE;
    for (size_t i = 0; i < unit->count && !unit->failed; i++)
        unit->failed = !pn_plain_expand(&unit->files[i]->tree, unit->arena);
}
