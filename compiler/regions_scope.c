/*
 * What of an ident is to be looked at. Who wants changes alone has seen what none is
 * answered: of an ident there is nothing new where no side has a rule of it that
 * decides. Where all sides have one, the rules without ident are out of sight; they are
 * looked at only where the sides differ in whether the ident has a rule.
 */
#include "compiler/regions_scope.h"

#include "base/memory.h"

static bool
is_wide(const struct pn_decoded_group *g)
{
    return g && (g->host_count || g->any_host != PN_RULE_NONE ||
                 g->fallback != PN_RULE_NONE);
}

static bool
has_any_host(const struct pn_decoded_group *g)
{
    return g && g->any_host != PN_RULE_NONE;
}

static bool
has_default(const struct pn_decoded_group *g)
{
    return g && g->fallback != PN_RULE_NONE;
}

/* How the hosts of one group that another has not are named. */
struct lack {
    bool hosts, suffixes;
};

static void
lack_find(struct pn_regions *r, size_t side, const struct pn_decoded_group *g,
          size_t other_side, const struct pn_decoded_group *other, struct lack *out)
{
    const struct pn_decoded *decoded = r->sides[side].decoded,
                            *others = r->sides[other_side].decoded;

    for (size_t h = 0; g && h < g->host_count && pn_regions_take(r, PN_STEPS_LABEL);
         h++) {
        struct pn_str name = pn_intern_text(&decoded->names, g->hosts[h].name);

        if (other && pn_decoded_host(others, other, name) != PN_RULE_NONE)
            continue;
        out->hosts = true;
        out->suffixes |= pn_name_is_suffix(name.ptr, name.len);
    }
}

/* Compares the blocks' hosts (`group` NULL), or those of the ident at hand. */
static struct lack
lack_of(struct pn_regions *r, bool blocks)
{
    const struct pn_decoded_group *first =
        blocks ? &r->sides[0].decoded->groups[PN_GROUP_BLOCKS] : pn_regions_group(r, 0);
    struct lack lack = { false, false };

    for (size_t i = 1; i < r->side_count; i++) {
        const struct pn_decoded_group *g =
            blocks ? &r->sides[i].decoded->groups[PN_GROUP_BLOCKS]
                   : pn_regions_group(r, i);

        lack_find(r, 0, first, i, g, &lack);
        lack_find(r, i, g, 0, first, &lack);
        if (has_any_host(g) != has_any_host(first))
            lack.hosts = lack.suffixes = true;
        if (has_default(g) != has_default(first))
            lack.hosts = lack.suffixes = true;
    }
    return lack;
}

/* One list of pieces, which have more ends than rules do: where an ident may matter,
 * which is of no interest. Or of blocks alone. */
static void
pieces_copy(struct pn_regions *r, const struct pn_pieces *from, bool blocks,
            struct pn_pieces *out)
{
    for (size_t i = 0; i < from->count && pn_regions_take(r, 1); i++) {
        struct pn_native_entry all = pn_pieces_entry(from, i);
        struct pn_native_entry entry = { .exact = blocks ? PN_RULE_NONE : all.exact,
                                         .prefix = blocks ? PN_RULE_NONE : all.prefix,
                                         .block = all.block };

        if (!pn_pieces_add(out, from->items[i].start, &entry))
            r->failed = true;
    }
}

/* What a side has without ident: of IPv4, and of each zone of IPv6. */
static struct pn_pieces *
side_copy(struct pn_regions *r, size_t side, bool blocks)
{
    const struct pn_decoded *decoded = r->sides[side].decoded;
    const struct pn_decoded_group *all = &decoded->groups[PN_GROUP_NO_IDENT];
    struct pn_pieces *out = pn_calloc(1 + decoded->zones.count, sizeof(*out));

    if (!out) {
        r->failed = true;
        return NULL;
    }
    pieces_copy(r, all->pieces[PN_V4], blocks, &out[0]);
    for (unsigned z = 0; z < decoded->zones.count; z++)
        pieces_copy(r, &all->pieces[PN_V6][z], blocks, &out[1 + z]);
    return out;
}

/* For idents: what stands before their rules. */
static void
blocks_make(struct pn_regions *r)
{
    r->knows_blocks = true;
    r->blocks_differ = r->side_count > 1 && lack_of(r, true).hosts;
    for (size_t i = 0; i < r->side_count && !r->failed; i++)
        r->blocks[i] = side_copy(r, i, true);
}

void
pn_regions_bare_make(struct pn_regions *r)
{
    for (size_t i = 0; i < r->side_count && !r->failed; i++)
        r->bare[i] = side_copy(r, i, false);
}

void
pn_regions_find_scope(struct pn_regions *r)
{
    struct pn_ident_scope scope = { .sparse = r->changes_only &&
                                              r->ident == PN_ASK_ALL &&
                                              r->ident_text.ptr };
    struct lack lack;

    scope.all_hosts = !scope.sparse;
    if (scope.sparse) {
        if (!r->knows_blocks)
            blocks_make(r);
        scope.closed = true;
        for (size_t i = 0; i < r->side_count; i++) {
            const struct pn_decoded_group *g = pn_regions_group(r, i);

            scope.wide |= is_wide(g);
            scope.closed &= has_default(g);
        }
        lack = lack_of(r, false);
        scope.open = !scope.closed && lack.hosts;
        scope.all_hosts = !scope.closed && lack.suffixes;
    }
    r->scope = scope;
}
