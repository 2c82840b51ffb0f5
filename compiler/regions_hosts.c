/* The hosts of regions: a candidate for all that no group tells apart. */
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/regions_work.h"

enum { HOST_SLOTS = 6 * PN_REGION_SIDES }; /* what a signature holds of all sides */

/* The longest suffix of a host that the group names. */
static uint32_t
suffix_rule(const struct pn_lifted *lifted, const struct pn_lifted_group *group,
            struct pn_str host)
{
    for (size_t i = 0; i + 1 < host.len; i++) {
        uint32_t rule;

        if (host.ptr[i] != '.')
            continue;
        rule = pn_lifted_host(lifted, group,
                              (struct pn_str){ host.ptr + i, host.len - i });
        if (rule != PN_NATIVE_NONE)
            return rule;
    }
    return PN_NATIVE_NONE;
}

/* What all groups say of a host. */
static size_t
sign_host(const struct pn_regions *r, struct pn_str host, uint32_t *out)
{
    uint32_t *start = out;

    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_side *side = &r->sides[i];
        const struct pn_lifted_group *groups[] = {
            &side->lifted->groups[PN_GROUP_BLOCKS],
            &side->lifted->groups[PN_GROUP_NO_IDENT], pn_regions_group(r, i)
        };

        for (size_t k = 0; k < PN_COUNT_OF(groups); k++) {
            const struct pn_lifted_group *g = groups[k];

            *out++ = g ? pn_side_slot(side, pn_lifted_host(side->lifted, g, host)) : 0;
            *out++ = g ? pn_side_slot(side, suffix_rule(side->lifted, g, host)) : 0;
        }
    }
    return (size_t)(out - start);
}

static void
candidate_add(struct pn_regions *r, enum pn_candidate_kind kind, struct pn_str name,
              struct pn_str pattern)
{
    struct pn_candidate candidate = { .kind = kind,
                                      .kin = (uint32_t)r->candidate_count };
    uint32_t signature[HOST_SLOTS + 1] = { kind == PN_HOST_ABSENT }, number;
    size_t before = r->kins.count, size = 1;

    if (r->each_host)
        signature[0] = 2 + candidate.kin;
    else if (kind != PN_HOST_ABSENT)
        size += sign_host(r, name, signature + 1);
    if (!pn_intern_add(&r->hosts, name.ptr, name.len, &candidate.name) ||
        !pn_intern_add(&r->hosts, pattern.ptr, pattern.len, &candidate.pattern) ||
        !pn_intern_add(&r->kins, signature, size * sizeof(*signature), &number) ||
        !pn_vector_reserve(&r->kin_firsts, &r->kin_capacity, r->kins.count,
                           sizeof(*r->kin_firsts)) ||
        !pn_vector_reserve(&r->candidates, &r->candidate_capacity,
                           r->candidate_count + 1, sizeof(candidate))) {
        r->failed = true;
        return;
    }
    if (number == before)
        r->kin_firsts[number] = candidate.kin;
    candidate.kin = r->kin_firsts[number];
    r->candidates[r->candidate_count++] = candidate;
}

/* A name in front of the suffix that no group names, and that no longer suffix ends. */
static void
fresh_add(struct pn_regions *r, enum pn_candidate_kind kind, struct pn_str suffix,
          const struct pn_intern *taken)
{
    struct pn_buffer name = { 0 };
    uint32_t number;

    for (unsigned n = 0; n == 0 || (!name.failed && !r->failed); n++) {
        name.size = 0;
        pn_buffer_add_text(&name, "x");
        if (n)
            pn_buffer_add_format(&name, "%u", n);
        pn_buffer_add(&name, suffix.ptr, suffix.len);
        if (!pn_intern_find(taken, name.bytes, name.size, &number))
            break;
    }
    if (name.failed)
        r->failed = true;
    else
        candidate_add(r, kind, (struct pn_str){ name.bytes, name.size }, suffix);
    pn_buffer_free(&name);
}

/* All names that the groups at hand speak of, once each, in the order of the rules. */
static void
names_collect(struct pn_regions *r, struct pn_intern *out)
{
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_lifted *lifted = r->sides[i].lifted;
        const struct pn_lifted_group *groups[] = { &lifted->groups[PN_GROUP_BLOCKS],
                                                   &lifted->groups[PN_GROUP_NO_IDENT],
                                                   pn_regions_group(r, i) };

        for (size_t k = 0; k < PN_COUNT_OF(groups); k++)
            for (size_t h = 0; groups[k] && h < groups[k]->host_count; h++) {
                struct pn_str name =
                    pn_lifted_name(&lifted->names, groups[k]->hosts[h].name);
                uint32_t number;

                if (!pn_intern_add(out, name.ptr, name.len, &number))
                    r->failed = true;
            }
    }
}

void
pn_regions_candidates(struct pn_regions *r)
{
    static const struct pn_str nothing = { "", 0 };
    struct pn_intern names = { 0 };

    r->candidate_count = 0;
    pn_intern_clear(&r->kins);
    pn_intern_clear(&r->hosts);
    if (r->host == PN_ASK_GIVEN) {
        candidate_add(r, PN_HOST_EXACT, r->given_host, r->given_host);
        return;
    }
    candidate_add(r, PN_HOST_ABSENT, nothing, nothing);
    if (r->host == PN_ASK_NONE)
        return;
    names_collect(r, &names);
    for (uint32_t i = 0; i < names.count && !r->failed; i++) {
        struct pn_str name = pn_lifted_name(&names, i);

        if (!pn_name_is_suffix(name.ptr, name.len))
            candidate_add(r, PN_HOST_EXACT, name, name);
    }
    for (uint32_t i = 0; i < names.count && !r->failed; i++) {
        struct pn_str name = pn_lifted_name(&names, i);

        if (pn_name_is_suffix(name.ptr, name.len))
            fresh_add(r, PN_HOST_SUFFIX, name, &names);
    }
    fresh_add(r, PN_HOST_OTHER, nothing, &names);
    pn_intern_clear(&names);
}
