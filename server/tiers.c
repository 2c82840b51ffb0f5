/* The text of -C, and which networks a client is in. */
#include "server/tiers.h"

#include <stdint.h>
#include <string.h>

#include "base/options.h"
#include "base/sizes.h"

enum { WIDTH4 = 32, WIDTH6 = 128, BITS_V4 = 32, BITS_V6 = 64 };

static bool
tier_read(const char *text, const char *end, struct postern_limit *out)
{
    const char *slash = memchr(text, '/', (size_t)(end - text)), *colon = NULL;
    size_t n, v4 = SRV_PER_NONE, v6 = BITS_V6;

    if (!pn_count_parse_part(text, slash ? slash : end, 1, UINT32_MAX, &n))
        return false;
    if (slash)
        colon = memchr(slash, ':', (size_t)(end - slash));
    if (colon && !pn_count_parse_part(slash + 1, colon, 1, WIDTH4, &v4))
        return false;
    if (slash && !pn_count_parse_part((colon ? colon : slash) + 1, end, 1, WIDTH6, &v6))
        return false;
    *out = (struct postern_limit){ (uint32_t)n, { (uint8_t)v4, (uint8_t)v6 } };
    return true;
}

/* Does a tier before this one count the same networks? */
static bool
is_twice(const struct srv_tiers *tiers, const struct postern_per *per)
{
    for (size_t i = 0; i < tiers->count; i++) {
        const struct postern_per *other = &tiers->of[i].per;

        if (other->v6 == per->v6 && (other->v4 == per->v4 || per->v4 == SRV_PER_NONE ||
                                     other->v4 == SRV_PER_NONE))
            return true;
    }
    return false;
}

bool
srv_tiers_parse(const char *text, struct srv_tiers *out)
{
    struct srv_tiers tiers = { .count = 0 };
    const char *comma;

    do {
        const char *end = text + strcspn(text, ",");
        struct postern_limit *tier = &tiers.of[tiers.count];

        comma = *end ? end : NULL;
        if (tiers.count == SRV_TIERS_MAX || !tier_read(text, end, tier))
            return false;
        if (!tiers.count && tier->per.v4 == SRV_PER_NONE)
            tier->per.v4 = BITS_V4;
        if (is_twice(&tiers, &tier->per))
            return false;
        tiers.count++;
        text = end + 1;
    } while (comma);
    *out = tiers;
    return true;
}

void
srv_tiers_quotas(const struct srv_tiers *tiers, const struct postern_addr *addr,
                 struct srv_quotas *out)
{
    out->count = 0;
    for (size_t i = 0; i < tiers->count; i++) {
        const struct postern_limit *limit = &tiers->of[i];
        struct srv_quota *quota = &out->of[out->count];

        if (addr->family == 4 && limit->per.v4 == SRV_PER_NONE)
            continue;
        quota->source = srv_counter_key_of(SRV_SCOPE_SOURCE, addr, &limit->per);
        quota->n = limit->n;
        quota->tier = (uint32_t)i;
        out->count++;
    }
}
