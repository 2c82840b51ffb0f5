/* Elements as prefixes of a space, less what they exclude. */
#include "compiler/elements.h"

/* What an element is emitted with. */
struct emit {
    struct pn_space *space;
    const struct pn_intervals *excluded;
    uint32_t group, rule;
    uint8_t family;
};

/* A range in prefixes that all rank as `counts`. */
static void
emit_range(const struct emit *emit, pn_number first, pn_number last, uint8_t counts)
{
    while (!emit->space->failed) {
        uint8_t length = pn_prefix_at(emit->family, first, last);
        pn_number below = pn_host_mask(emit->family, length);

        pn_space_add_prefix(emit->space, emit->group, emit->family,
                            (struct pn_prefix){ .start = first,
                                                .rule = emit->rule,
                                                .length = length,
                                                .rank_length = counts });
        if (last - first == below)
            return;
        first += below + 1;
    }
}

/* One prefix less what is excluded of it; each part of it ranks as `counts`. */
static void
emit_part(const struct emit *emit, pn_number first, uint8_t length, uint8_t counts)
{
    pn_number last = first | pn_host_mask(emit->family, length);
    struct pn_gaps gaps = pn_gaps_begin(emit->excluded, first, last);
    struct pn_interval part;

    while (pn_gaps_next(&gaps, &part))
        emit_range(emit, part.first, part.last, counts);
}

static void
emit_prefix(const struct emit *emit, pn_number first, uint8_t length)
{
    emit_part(emit, first, length, length);
}

static void
emit_address(const struct emit *emit, pn_number address)
{
    uint8_t bits = (uint8_t)pn_family_bits(emit->family);

    if (pn_intervals_have(emit->excluded, address))
        return;
    pn_space_add_prefix(emit->space, emit->group, emit->family,
                        (struct pn_prefix){ .start = address,
                                            .rule = emit->rule,
                                            .length = bits,
                                            .rank_length = bits,
                                            .is_address = true });
}

static void
emit_addresses(const struct emit *emit, const struct pn_element *element)
{
    pn_number first = element->first, last = pn_element_last(element);

    if (element->kind == PN_TARGET_ADDRESSES) {
        for (uint32_t i = 0; i < element->count; i++)
            emit_address(emit, first + i);
        return;
    }
    while (!emit->space->failed) { /* each prefix of a range has its own length */
        uint8_t length = element->kind == PN_TARGET_RANGE
                             ? pn_prefix_at(emit->family, first, last)
                             : element->length;
        pn_number below = pn_host_mask(emit->family, length);

        emit_prefix(emit, first, length);
        if (last - first == below)
            return;
        first += below + 1;
    }
}

static struct emit
emit_begin(const struct pn_address_set *excluded, struct pn_space *space,
           uint32_t group, uint32_t rule, uint8_t family)
{
    return (struct emit){ .space = space,
                          .excluded = &excluded->families[pn_family_index(family)],
                          .group = group,
                          .rule = rule,
                          .family = family };
}

static void
emit_listed(const struct emit *emit, pn_number start, uint8_t length, bool exact)
{
    if (exact)
        emit_address(emit, start);
    else
        emit_prefix(emit, start, length);
}

static void
emit_list(const struct pn_list_addresses *list, const struct pn_address_set *excluded,
          struct pn_space *space, uint32_t group, uint32_t rule)
{
    struct emit emit = emit_begin(excluded, space, group, rule, 4);

    if (!pn_space_reserve(space, group, list->v4_count, list->v6_count))
        return;
    for (size_t i = 0; i < list->v4_count && !space->failed; i++)
        emit_listed(&emit, list->v4[i].start, list->v4[i].length, list->v4[i].exact);
    emit = emit_begin(excluded, space, group, rule, 6);
    for (size_t i = 0; i < list->v6_count && !space->failed; i++)
        emit_listed(&emit, list->v6[i].start, list->v6[i].length, list->v6[i].exact);
}

void
pn_element_emit(const struct pn_element *element, const struct pn_set_pool *pool,
                struct pn_space *space, uint32_t group, uint32_t rule)
{
    const struct pn_address_set *excluded = pn_set_pool_get(pool, element->excluded);
    struct emit emit = emit_begin(excluded, space, group, rule, element->family);

    if (element->kind == PN_TARGET_LIST)
        emit_list(&pool->lists[element->count], excluded, space, group, rule);
    else if (pn_element_has_addresses(element))
        emit_addresses(&emit, element);
    else if (element->kind == PN_TARGET_DEFAULT)
        pn_space_add_fallback(space, group, rule);
    else
        pn_space_add_host(space, group, element->host, rule);
}

void
pn_prefix_emit(const struct pn_prefix *prefix, const struct pn_address_set *excluded,
               struct pn_space *space, uint32_t group, uint8_t family)
{
    struct emit emit = emit_begin(excluded, space, group, prefix->rule, family);

    if (prefix->is_address)
        emit_address(&emit, prefix->start);
    else
        emit_part(&emit, prefix->start, prefix->length, prefix->rank_length);
}
