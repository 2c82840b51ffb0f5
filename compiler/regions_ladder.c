/* The ladder, as far as it is known which rules there are. */
#include "compiler/regions_ladder.h"

/* The steps of one group, from addresses to its default. */
static bool
group_decider(const struct pn_decoded_group *g, const uint32_t *area, unsigned exact,
              const uint32_t *host, unsigned named, struct pn_decider *out)
{
    if (area[exact])
        *out = (struct pn_decider){ PN_OF_AREA, (uint8_t)exact, false };
    else if (host && host[named])
        *out = (struct pn_decider){ PN_OF_HOST, (uint8_t)named, false };
    else if (area[exact + 1])
        *out = (struct pn_decider){ PN_OF_AREA, (uint8_t)(exact + 1), false };
    else if (host && host[named + 1])
        *out = (struct pn_decider){ PN_OF_HOST, (uint8_t)(named + 1), false };
    else if (g &&
             ((host && g->any_host != PN_RULE_NONE) || g->fallback != PN_RULE_NONE))
        *out = (struct pn_decider){ PN_OF_NONE, 0, false };
    else
        return false;
    return true;
}

/* The ladder of one side: blocks, the rules of the ident, those without. */
struct pn_decider
pn_regions_decider(const struct pn_regions *r, size_t side, const uint32_t *area,
                   const uint32_t *host)
{
    const struct pn_decoded *decoded = r->sides[side].decoded;
    struct pn_decider out = { PN_OF_NONE, 0, false };

    if (area[PN_AREA_BLOCK_KIND] == PN_AREA_BLOCK_EXACT)
        return (struct pn_decider){ PN_OF_AREA, PN_AREA_BLOCK, false };
    if (host && host[PN_HOST_BLOCK])
        return (struct pn_decider){ PN_OF_HOST, PN_HOST_BLOCK, false };
    if (area[PN_AREA_BLOCK_KIND] != PN_AREA_OPEN)
        return (struct pn_decider){ PN_OF_AREA, PN_AREA_BLOCK, false };
    if (host && host[PN_HOST_BLOCK_SUFFIX])
        return (struct pn_decider){ PN_OF_HOST, PN_HOST_BLOCK_SUFFIX, false };
    if (host && decoded->groups[PN_GROUP_BLOCKS].any_host != PN_RULE_NONE)
        return out;
    if (group_decider(pn_regions_group(r, side), area, PN_AREA_IDENT_EXACT, host,
                      PN_HOST_IDENT_NAMED, &out))
        out.by_ident = true;
    else
        (void)group_decider(&decoded->groups[PN_GROUP_NO_IDENT], area, PN_AREA_EXACT,
                            host, PN_HOST_NAMED, &out);
    return out;
}
