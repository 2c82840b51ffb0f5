/* Group by group: pieces, hosts, the rest. */
#include "compiler/compare.h"

#include <stdlib.h>
#include <string.h>

/* The image may be cut finer, where only what is needed besides differs. */
static bool
same_pieces(const struct pn_pieces *image, const struct pn_pieces *meant)
{
    size_t at = 0;

    for (size_t i = 0; i < image->count; i++) {
        const struct pn_piece *piece = &image->items[i];

        if (at + 1 < meant->count && meant->items[at + 1].start <= piece->start)
            at++;
        if ((at + 1 < meant->count && meant->items[at + 1].start <= piece->start) ||
            piece->entry.block != meant->items[at].entry.block ||
            piece->entry.exact != meant->items[at].entry.exact ||
            piece->entry.prefix != meant->items[at].entry.prefix)
            return false;
    }
    return at + 1 == meant->count;
}

static bool
family_is(const struct pn_lifted_group *lifted, struct pn_space *space, uint32_t group,
          uint8_t family)
{
    struct pn_pieces pieces = { 0 };
    bool same;

    pn_space_flatten(space, group, family, &pieces);
    same = !space->failed && same_pieces(pn_lifted_pieces(lifted, family), &pieces);
    free(pieces.items);
    return same;
}

static bool
hosts_are(const struct pn_lifted *lifted, const struct pn_lifted_group *group,
          const struct pn_space *space, const struct pn_group *meant)
{
    if (group->host_count != meant->host_count)
        return false;
    for (size_t i = 0; i < meant->host_count; i++)
        if (pn_lifted_host(lifted, group,
                           pn_lifted_name(&space->names, meant->hosts[i].name)) !=
            meant->hosts[i].rule)
            return false;
    return true;
}

static bool
same_idents(const struct pn_intern *a, const struct pn_intern *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        struct pn_str left = pn_lifted_name(a, i), right = pn_lifted_name(b, i);

        if (left.len != right.len ||
            (left.len && memcmp(left.ptr, right.ptr, left.len) != 0))
            return false;
    }
    return true;
}

bool
pn_lifted_is(const struct pn_lifted *lifted, struct pn_space *space)
{
    if (lifted->group_count != space->group_count ||
        !same_idents(&lifted->idents, &space->idents))
        return false;
    for (uint32_t i = 0; i < space->group_count; i++) {
        const struct pn_lifted_group *group = &lifted->groups[i];
        const struct pn_group *meant = &space->groups[i];

        if (group->any_host != meant->any_host || group->fallback != meant->fallback ||
            !hosts_are(lifted, group, space, meant) || !family_is(group, space, i, 4) ||
            !family_is(group, space, i, 6))
            return false;
    }
    return true;
}
