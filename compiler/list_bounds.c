/* The grammar has seen that they are words and digits, in their order. */
#include "compiler/list_bounds.h"

#include <stdint.h>

#include "grammar/parser.h"

/* A number that some list may have; false for a larger one. */
static bool
count_read(struct pn_str digits, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits.len; i++) {
        *out = *out * 10 + (size_t)(digits.ptr[i] - '0');
        if (*out > UINT32_MAX)
            return false;
    }
    return true;
}

bool
pn_list_bounds_read(const struct pn_tree *tree, const struct pn_node *node,
                    struct pn_list_bounds *out)
{
    bool good = true;

    *out = (struct pn_list_bounds){ .has_least = false };
    /* behind "file" and its path: "at", "least" or "most", and the number */
    for (uint32_t at = node->token + 2; at + 2 <= node->range.last; at += 3) {
        bool least = tree->tokens[at + 1].kind == PN_TOK_LEAST;
        size_t count;

        good = count_read(
                   pn_source_slice(tree->source, pn_token_span(tree->tokens[at + 2])),
                   &count) &&
               good;
        *(least ? &out->least : &out->most) = count;
        *(least ? &out->has_least : &out->has_most) = true;
    }
    return good && !(out->has_least && out->has_most && out->least > out->most);
}

bool
pn_list_bounds_break(const struct pn_list_bounds *bounds, size_t entries)
{
    return (bounds->has_least && entries < bounds->least) ||
           (bounds->has_most && entries > bounds->most);
}

void
pn_list_bounds_tell(struct pn_buffer *out, const struct pn_list_bounds *bounds,
                    size_t entries)
{
    bool few = bounds->has_least && entries < bounds->least;

    pn_buffer_add_format(out, "it has %zu %s, and at %s %zu are wanted", entries,
                         entries == 1 ? "entry" : "entries", few ? "least" : "most",
                         few ? bounds->least : bounds->most);
}
