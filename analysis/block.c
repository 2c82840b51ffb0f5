/* The size of a block, its witness, and whether it holds a query. */
#include "analysis/block.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

pn_number
pn_block_size(const struct pn_blocks *blocks, const struct pn_block *block)
{
    pn_number size = 0;

    for (size_t i = 0; i < block->extent_count; i++)
        size += pn_extent_size(&blocks->zeros, &block->extents[i]);
    return size;
}

static struct postern_str
text_of(const struct pn_blocks *blocks, uint32_t number)
{
    struct pn_str text;

    if (number == UINT32_MAX)
        return (struct postern_str){ NULL, 0 };
    text = pn_intern_text(&blocks->texts, number);
    return (struct postern_str){ text.len ? text.ptr : "", text.len };
}

struct postern_query
pn_block_witness(const struct pn_blocks *blocks, const struct pn_block *block)
{
    struct postern_query query = POSTERN_QUERY_INIT;

    query.remote = block->address;
    query.host = text_of(blocks, block->host);
    query.ident = text_of(blocks, block->ident);
    return query;
}

/* A pn_compare_fn: an address and an extent. */
static int
compare_extent(const void *key, const void *item)
{
    const struct postern_addr *address = key;
    const struct pn_extent *extent = item;
    pn_number at = pn_number_from(address);

    if (address->family != extent->family)
        return address->family < extent->family ? -1 : 1;
    return at < extent->first ? -1 : at > extent->last;
}

static bool
holds_address(const struct pn_blocks *blocks, const struct pn_block *block,
              const struct postern_addr *address)
{
    size_t at = pn_lower_bound(address, block->extents, block->extent_count,
                               sizeof(*block->extents), compare_extent);

    return at < block->extent_count &&
           compare_extent(address, &block->extents[at]) == 0 &&
           pn_extent_holds(&blocks->zeros, &block->extents[at], address);
}

/* How many bytes of a name a pattern matches, as a rank; 0 when it does not match. */
static size_t
match_size(const struct pn_blocks *blocks, const struct pn_pattern *pattern,
           struct postern_str name)
{
    struct pn_str text = pn_intern_text(&blocks->texts, pattern->text);

    if (pattern->kind == PN_HOST_ABSENT || !name.ptr)
        return pattern->kind == PN_HOST_ABSENT && !name.ptr;
    if (text.len > name.len ||
        (text.len && memcmp(name.ptr + name.len - text.len, text.ptr, text.len) != 0))
        return 0;
    if (pattern->kind == PN_HOST_EXACT)
        return text.len == name.len ? SIZE_MAX : 0;
    return text.len + 1;
}

static bool
holds_name(const struct pn_blocks *blocks, const struct pn_patterns *list,
           struct postern_str name)
{
    bool inside = list->everything;
    size_t best = 0;

    for (size_t i = 0; i < list->count; i++) {
        size_t size = match_size(blocks, &list->items[i], name);

        if (size <= best)
            continue;
        best = size;
        inside = list->items[i].inside;
    }
    return inside;
}

bool
pn_block_holds(const struct pn_blocks *blocks, const struct pn_block *block,
               const struct postern_query *query)
{
    return holds_address(blocks, block, &query->remote) &&
           holds_name(blocks, &block->hosts, query->host) &&
           holds_name(blocks, &block->idents, query->ident);
}

void
pn_block_clear(struct pn_block *block)
{
    pn_free(block->extents);
    pn_free(block->hosts.items);
    pn_free(block->idents.items);
}

void
pn_blocks_clear(struct pn_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        pn_block_clear(&blocks->items[i]);
    pn_free(blocks->items);
    pn_intern_clear(&blocks->texts);
    pn_intern_clear(&blocks->zeros);
    *blocks = (struct pn_blocks){ 0 };
}
