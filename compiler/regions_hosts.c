/* The hosts of regions: one candidate for all hosts that no group distinguishes. */
#include "compiler/regions_hosts.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/regions_ladder.h"

enum { HOST_SLOTS = PN_HOST_SLOTS * PN_REGION_SIDES }; /* of all sides */

/* The longest suffix of a host that the group names. */
static uint32_t
suffix_rule(const struct pn_decoded *decoded, const struct pn_decoded_group *group,
            struct pn_str host)
{
    for (size_t i = 0; i + 1 < host.len; i++) {
        uint32_t rule;

        if (host.ptr[i] != '.')
            continue;
        rule = pn_decoded_host(decoded, group,
                               (struct pn_str){ host.ptr + i, host.len - i });
        if (rule != PN_RULE_NONE)
            return rule;
    }
    return PN_RULE_NONE;
}

/* What all groups say of a host. */
static size_t
sign_host(const struct pn_regions *r, struct pn_str host, uint32_t *out)
{
    uint32_t *start = out;

    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_side *side = &r->sides[i];
        const struct pn_decoded_group *groups[] = {
            &side->decoded->groups[PN_GROUP_BLOCKS],
            &side->decoded->groups[PN_GROUP_NO_IDENT], pn_regions_group(r, i)
        };

        for (size_t k = 0; k < PN_COUNT_OF(groups); k++) {
            const struct pn_decoded_group *g = groups[k];

            *out++ =
                g ? pn_side_slot(side, pn_decoded_host(side->decoded, g, host)) : 0;
            *out++ = g ? pn_side_slot(side, suffix_rule(side->decoded, g, host)) : 0;
        }
    }
    return (size_t)(out - start);
}

static size_t
labels_of(struct pn_str name)
{
    size_t count = 0;

    for (size_t i = 0; i < name.len; i++)
        count += name.ptr[i] == '.';
    return count;
}

static void
candidate_add(struct pn_regions *r, enum pn_candidate_kind kind, struct pn_str name,
              struct pn_str pattern)
{
    struct pn_candidate candidate = { .kind = kind,
                                      .representative = (uint32_t)r->candidate_count };
    uint32_t signature[HOST_SLOTS + 1] = { kind == PN_HOST_ABSENT }, number;
    size_t before = r->host_signatures.count, size = 1;

    if (!pn_regions_take(r, PN_STEPS_NAME * r->side_count +
                                labels_of(name) * PN_STEPS_LABEL))
        return;
    if (kind != PN_HOST_ABSENT)
        size += sign_host(r, name, signature + 1);
    if (!pn_intern_add(&r->hosts, name.ptr, name.len, &candidate.name) ||
        !pn_intern_add(&r->hosts, pattern.ptr, pattern.len, &candidate.pattern) ||
        !pn_intern_add(&r->host_signatures, signature, size * sizeof(*signature),
                       &number) ||
        !pn_vector_reserve(&r->representative_firsts, &r->representative_capacity,
                           r->host_signatures.count,
                           sizeof(*r->representative_firsts)) ||
        !pn_vector_reserve(&r->candidates, &r->candidate_capacity,
                           r->candidate_count + 1, sizeof(candidate))) {
        r->failed = true;
        return;
    }
    if (number == before)
        r->representative_firsts[number] = candidate.representative;
    candidate.representative = r->representative_firsts[number];
    r->candidates[r->candidate_count++] = candidate;
}

/* Is it a name that a rule has? Of an ident, `names` may be its own alone. */
static bool
is_taken(const struct pn_regions *r, const struct pn_intern *names,
         const struct pn_buffer *name)
{
    uint32_t number;

    return pn_intern_find(names, name->bytes, name->size, &number) ||
           (!r->scope.all_hosts &&
            pn_intern_find(&r->base, name->bytes, name->size, &number));
}

/* A name in front of the suffix that no group names, and that no longer suffix ends. */
static void
fresh_add(struct pn_regions *r, enum pn_candidate_kind kind, struct pn_str suffix,
          const struct pn_intern *names)
{
    struct pn_buffer name = { 0 };

    for (unsigned n = 0; n == 0 || (!name.failed && !r->failed); n++) {
        name.size = 0;
        pn_buffer_add_text(&name, "x");
        if (n)
            pn_buffer_add_format(&name, "%u", n);
        pn_buffer_add(&name, suffix.ptr, suffix.len);
        if (!is_taken(r, names, &name) || !pn_regions_take(r, PN_STEPS_LABEL))
            break;
    }
    if (name.failed)
        r->failed = true;
    else
        candidate_add(r, kind, (struct pn_str){ name.bytes, name.size }, suffix);
    pn_buffer_free(&name);
}

/* All names of a group, once each, in their order. */
static void
group_collect(struct pn_regions *r, size_t side, const struct pn_decoded_group *g,
              struct pn_intern *out)
{
    const struct pn_decoded *decoded = r->sides[side].decoded;

    for (size_t h = 0; g && h < g->host_count && pn_regions_take(r, 1); h++) {
        struct pn_str name = pn_intern_text(&decoded->names, g->hosts[h].name);
        uint32_t number;

        if (!pn_intern_add(out, name.ptr, name.len, &number))
            r->failed = true;
    }
}

/* All names that the groups at hand speak of, in the order of the rules. */
static void
names_collect(struct pn_regions *r, struct pn_intern *out)
{
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_decoded *decoded = r->sides[i].decoded;

        group_collect(r, i, &decoded->groups[PN_GROUP_BLOCKS], out);
        group_collect(r, i, &decoded->groups[PN_GROUP_NO_IDENT], out);
        group_collect(r, i, pn_regions_group(r, i), out);
    }
}

static void
base_collect(struct pn_regions *r)
{
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_decoded *decoded = r->sides[i].decoded;

        group_collect(r, i, &decoded->groups[PN_GROUP_BLOCKS], &r->base);
        group_collect(r, i, &decoded->groups[PN_GROUP_NO_IDENT], &r->base);
        r->base_ends[i] = r->base.count;
    }
}

/* A name of the ident, and where it stands among all names in the order of rules. */
struct place {
    uint64_t order;
    struct pn_str name;
};

static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    return (a->order > b->order) - (a->order < b->order);
}

/* Those without ident of each side stand before those of the ident. */
static uint64_t
order_of(const struct pn_regions *r, size_t side, struct pn_str name, uint32_t mine)
{
    uint64_t segment = 2 * side + 1;
    uint32_t number;

    if (!pn_intern_find(&r->base, name.ptr, name.len, &number))
        return segment << 32 | mine;
    for (segment = 0; r->base_ends[segment / 2] <= number; segment += 2)
        continue;
    return segment << 32 | number;
}

/* What the ident's rules name, and where the sides block others, what blocks name. */
static void
own_collect(struct pn_regions *r, struct pn_intern *out)
{
    struct pn_intern seen = { 0 };
    struct place *places = NULL;
    size_t count = 0, capacity = 0;

    if (!r->base_ends[0] && !r->base.count)
        base_collect(r);
    for (size_t i = 0; i < r->side_count; i++) {
        size_t before = seen.count;

        if (r->blocks_differ)
            group_collect(r, i, &r->sides[i].decoded->groups[PN_GROUP_BLOCKS], &seen);
        group_collect(r, i, pn_regions_group(r, i), &seen);
        if (r->failed ||
            !pn_vector_reserve(&places, &capacity, seen.count + 1, sizeof(*places))) {
            r->failed = true;
            break;
        }
        for (; before < seen.count; before++, count++)
            places[count].order = order_of(
                r, i, pn_intern_text(&seen, (uint32_t)before), (uint32_t)before);
    }
    for (uint32_t i = 0; i < count && !r->failed; i++)
        places[i].name = pn_intern_text(&seen, i);
    if (count)
        qsort(places, count, sizeof(*places), compare_places);
    for (size_t i = 0; i < count && !r->failed; i++) {
        uint32_t number;

        if (!pn_intern_add(out, places[i].name.ptr, places[i].name.len, &number))
            r->failed = true;
    }
    pn_free(places);
    pn_intern_clear(&seen);
}

/* A candidate for each name that is none of a suffix, or below each that is. */
static void
names_add(struct pn_regions *r, const struct pn_intern *names, bool suffixes)
{
    for (uint32_t i = 0; i < names->count && !r->failed; i++) {
        struct pn_str name = pn_intern_text(names, i);

        if (pn_name_is_suffix(name.ptr, name.len) != suffixes)
            continue;
        if (suffixes)
            fresh_add(r, PN_HOST_SUFFIX, name, names);
        else
            candidate_add(r, PN_HOST_EXACT, name, name);
    }
}

void
pn_regions_candidates(struct pn_regions *r)
{
    static const struct pn_str nothing = { "", 0 };
    struct pn_intern names = { 0 };

    r->candidate_count = 0;
    pn_intern_clear(&r->host_signatures);
    pn_intern_clear(&r->hosts);
    if (r->host == PN_ASK_GIVEN) {
        candidate_add(r, PN_HOST_EXACT, r->given_host, r->given_host);
        return;
    }
    candidate_add(r, PN_HOST_ABSENT, nothing, nothing);
    if (r->host == PN_ASK_NONE)
        return;
    (r->scope.all_hosts ? names_collect : own_collect)(r, &names);
    names_add(r, &names, false);
    names_add(r, &names, true);
    if (!r->failed)
        fresh_add(r, PN_HOST_OTHER, nothing, &names);
    pn_intern_clear(&names);
}
