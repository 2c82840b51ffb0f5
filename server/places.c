/* Places by kind and tier. */
#include "server/places.h"

#include <stdlib.h>

struct srv_more_places {
    struct srv_limit_entry *of[SRV_PLACE_KINDS][SRV_TIERS_MAX - 1];
};

bool
srv_places_are_free(const struct srv_limits *limits, const struct srv_quotas *quotas,
                    size_t *full)
{
    for (size_t i = 0; i < quotas->count; i++)
        if (srv_limits_live(limits, &quotas->of[i].source) >= quotas->of[i].n) {
            *full = i;
            return false;
        }
    return true;
}

void
srv_places_take(struct srv_limits *limits, struct srv_places *places,
                enum srv_place_kind kind, const struct srv_quotas *quotas)
{
    if (!quotas->count)
        return;
    places->first[kind] = srv_limits_hold(limits, &quotas->of[0].source);
    if (quotas->count > 1 && !places->more)
        places->more = calloc(1, sizeof(*places->more));
    for (size_t i = 1; i < quotas->count && places->more; i++)
        places->more->of[kind][i - 1] = srv_limits_hold(limits, &quotas->of[i].source);
}

bool
srv_places_are(const struct srv_places *places, enum srv_place_kind kind,
               const struct srv_quotas *quotas)
{
    if (quotas->count ? !srv_limits_is(places->first[kind], &quotas->of[0].source)
                      : places->first[kind] != NULL)
        return false;
    if (!places->more)
        return quotas->count < 2;
    for (size_t i = 1; i < SRV_TIERS_MAX; i++) {
        const struct srv_limit_entry *entry = places->more->of[kind][i - 1];

        if (i < quotas->count ? !srv_limits_is(entry, &quotas->of[i].source)
                              : entry != NULL)
            return false;
    }
    return true;
}

void
srv_places_leave(struct srv_limits *limits, struct srv_places *places,
                 enum srv_place_kind kind)
{
    srv_limits_release(limits, places->first[kind]);
    places->first[kind] = NULL;
    for (size_t i = 0; i < SRV_TIERS_MAX - 1 && places->more; i++) {
        srv_limits_release(limits, places->more->of[kind][i]);
        places->more->of[kind][i] = NULL;
    }
}

void
srv_places_release(struct srv_limits *limits, struct srv_places *places)
{
    for (int kind = 0; kind < SRV_PLACE_KINDS; kind++)
        srv_places_leave(limits, places, (enum srv_place_kind)kind);
    free(places->more);
    places->more = NULL;
}
