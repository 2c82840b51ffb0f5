/* Sorted prefixes are nested or disjoint: one sweep with a stack makes pieces of them.
 */
#include "compiler/space.h"

#include "base/memory.h"
#include "base/vector.h"

/*
 * How deep prefixes can be nested: an extent and a rank each, both 0 to 128, what is
 * spelt a rank more; and an exact address.
 */
enum { DEPTH = 129 * 130 + 1 };

/* The prefixes around the place that the sweep has come to, outermost first. */
struct sweep {
    struct pn_space *space;
    struct pn_pieces *out;
    const struct pn_prefix **stack; /* of DEPTH, or as many as there are */
    size_t depth;
    uint8_t family;
};

/* The last address of the innermost prefix. */
static pn_number
last_of_top(const struct sweep *sweep)
{
    return pn_prefix_last(sweep->stack[sweep->depth - 1], sweep->family);
}

/* Of those around the place the longest counts; of equals the first that was written.
 */
static struct pn_native_entry
entry_of(const struct sweep *sweep)
{
    struct pn_native_entry entry = { PN_RULE_NONE, PN_RULE_NONE, PN_RULE_NONE, 0,
                                     PN_RULE_NONE };
    const struct pn_prefix *best = NULL;

    for (size_t i = 0; i < sweep->depth; i++) {
        const struct pn_prefix *p = sweep->stack[i];

        if (p->is_address)
            entry.exact = p->rule;
        else if (!best || pn_prefix_outranks(p, best))
            best = p;
    }
    if (best)
        entry.prefix = best->rule;
    return entry;
}

/* A piece at `start`: it takes the place of one that begins there. */
static void
piece_add(struct pn_space *space, struct pn_pieces *out, pn_number start,
          struct pn_native_entry entry)
{
    if (out->count && out->items[out->count - 1].start == start)
        out->count--;
    if (!pn_pieces_add(out, start, &entry))
        space->failed = true;
}

/* Leaves every prefix that ends before `start`. */
static void
leave_until(struct sweep *sweep, pn_number start)
{
    while (sweep->depth && last_of_top(sweep) < start) {
        pn_number behind = last_of_top(sweep) + 1;

        sweep->depth--;
        piece_add(sweep->space, sweep->out, behind, entry_of(sweep));
    }
}

/* At the end of the family's space there is nothing behind the last address. */
static void
leave_rest(struct sweep *sweep)
{
    pn_number end = pn_host_mask(sweep->family, 0);

    while (sweep->depth && last_of_top(sweep) != end) {
        pn_number behind = last_of_top(sweep) + 1;

        sweep->depth--;
        piece_add(sweep->space, sweep->out, behind, entry_of(sweep));
    }
}

static void
sweep_list(struct pn_space *space, const struct pn_prefixes *list, uint8_t family,
           struct pn_pieces *out)
{
    struct sweep sweep = { .space = space, .out = out, .family = family };
    size_t depth = list->count < DEPTH ? list->count + 1 : DEPTH;

    sweep.stack = pn_malloc(depth * sizeof(const struct pn_prefix *));
    /* each begins a piece, and another may begin behind it */
    if (!sweep.stack || !pn_vector_reserve(&out->items, &out->capacity,
                                           2 * list->count + 1, sizeof(*out->items))) {
        pn_free(sweep.stack);
        space->failed = true;
        return;
    }
    piece_add(space, out, 0, entry_of(&sweep));
    for (size_t i = 0; i < list->count; i++) {
        leave_until(&sweep, list->items[i].start);
        sweep.stack[sweep.depth++] = &list->items[i];
        piece_add(space, out, list->items[i].start, entry_of(&sweep));
    }
    leave_rest(&sweep);
    pn_free(sweep.stack);
}

/* Two lists of pieces into one: the blocks' prefixes and addresses become blocks. */
static void
merge_blocks(struct pn_space *space, const struct pn_pieces *rules,
             const struct pn_pieces *blocks, struct pn_pieces *out)
{
    size_t i = 0, k = 0;

    while (i < rules->count || k < blocks->count) {
        bool take_rule =
            k == blocks->count ||
            (i < rules->count && rules->items[i].start <= blocks->items[k].start);
        pn_number start = take_rule ? rules->items[i].start : blocks->items[k].start;
        struct pn_native_entry entry, block;

        if (take_rule)
            i++;
        else
            k++;
        entry = pn_pieces_entry(rules, i ? i - 1 : 0);
        block = pn_pieces_entry(blocks, k ? k - 1 : 0);
        entry.block =
            block.exact != PN_RULE_NONE ? block.exact | PN_NATIVE_EXACT : block.prefix;
        piece_add(space, out, start, entry);
    }
}

static void
sweep_group(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
            struct pn_pieces *out)
{
    struct pn_prefixes own = { 0 };

    sweep_list(space, pn_space_list(space, group, family, zone, &own), family, out);
    pn_prefixes_clear(&own);
}

void
pn_space_flatten(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
                 struct pn_pieces *out)
{
    const struct pn_group *b = &space->groups[PN_GROUP_BLOCKS];
    struct pn_pieces rules = { 0 }, blocks = { 0 };

    if (group != PN_GROUP_NO_IDENT || !(b->prefixes[pn_family_index(family)].count)) {
        sweep_group(space, group, family, zone, out);
        return;
    }
    sweep_group(space, group, family, zone, &rules);
    sweep_group(space, PN_GROUP_BLOCKS, family, zone, &blocks);
    if (!space->failed)
        merge_blocks(space, &rules, &blocks, out);
    pn_pieces_clear(&rules);
    pn_pieces_clear(&blocks);
}
