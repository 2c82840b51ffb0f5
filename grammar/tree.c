/* Reading the tree: from nodes back to bytes of the text. */
#include "grammar/tree.h"

struct pn_span
pn_tree_span(const struct pn_tree *tree, struct pn_range range)
{
    struct pn_token first = tree->tokens[range.first], last = tree->tokens[range.last];

    return (struct pn_span){ first.offset, last.offset + last.size - first.offset };
}

/* A token without its first `front` and last `back` bytes. */
static struct pn_str
inner(const struct pn_tree *tree, uint32_t token, uint32_t front, uint32_t back)
{
    struct pn_token t = tree->tokens[token];

    return (struct pn_str){ tree->source->text + t.offset + front,
                            t.size - front - back };
}

struct pn_str
pn_tree_key(const struct pn_tree *tree, const struct pn_node *rule)
{
    return inner(tree, rule->token, 0, 1);
}

struct pn_span
pn_tree_behind(const struct pn_tree *tree, const struct pn_node *node)
{
    return pn_token_span(tree->tokens[node->token + 1]);
}

struct pn_str
pn_tree_name(const struct pn_tree *tree, const struct pn_node *assign)
{
    bool comma = tree->source->text[tree->tokens[assign->token].offset] == ',';

    return inner(tree, assign->token, comma ? 1 : 0, 1);
}

struct pn_str
pn_tree_value(const struct pn_tree *tree, const struct pn_node *assign)
{
    return inner(tree, assign->token + 1, 1, 1);
}
