/* Address sets by number: each small one kept once, each union made once. */
#include "compiler/set_pool.h"

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/prefixes.h"

enum {
    KNOWN_MAX = 64,        /* intervals of a set that is looked for among the others */
    STEPS_AN_INTERVAL = 16 /* what one costs in a union */
};

const struct pn_address_set *
pn_set_pool_get(const struct pn_set_pool *pool, uint32_t number)
{
    static const struct pn_address_set none = { 0 };

    return number ? &pool->items[number - 1] : &none;
}

bool
pn_set_pool_has(const struct pn_set_pool *pool, uint32_t number, uint8_t family,
                pn_number address)
{
    return pn_address_set_has(pn_set_pool_get(pool, number), family, address);
}

static void
key_add(struct pn_buffer *key, const struct pn_intervals *list)
{
    pn_buffer_add(key, &list->count, sizeof(list->count));
    pn_buffer_add(key, list->items, list->count * sizeof(*list->items));
}

/*
 * The number of a small set that was added before, as what rules exclude often was;
 * else 0, and a later equal one is found by the number that this one is going to get.
 */
static uint32_t
known_find(struct pn_set_pool *pool, const struct pn_address_set *set)
{
    size_t before = pool->known.count;
    struct pn_buffer key = { 0 };
    uint32_t number = 0;

    if (pn_address_set_count(set) > KNOWN_MAX)
        return 0;
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        key_add(&key, &set->families[f]);
    if (key.failed || !pn_intern_add(&pool->known, key.bytes, key.size, &number) ||
        !pn_vector_reserve(&pool->known_at, &pool->known_capacity, pool->known.count,
                           sizeof(*pool->known_at))) {
        pool->failed = true;
        number = 0;
    } else if (pool->known.count > before) {
        pool->known_at[number] = (uint32_t)pool->count + 1;
        number = 0;
    } else {
        number = pool->known_at[number];
    }
    pn_buffer_free(&key);
    return number;
}

uint32_t
pn_set_pool_add(struct pn_set_pool *pool, struct pn_address_set *set)
{
    uint32_t known;

    if (pn_address_set_is_empty(set))
        return 0;
    known = known_find(pool, set);
    if (known)
        return known;
    if (!pn_vector_add(&pool->items, &pool->count, &pool->capacity, set,
                       sizeof(*set))) {
        pool->failed = true;
        return 0;
    }
    *set = (struct pn_address_set){ 0 };
    return (uint32_t)pool->count;
}

static uint32_t
union_make(struct pn_set_pool *pool, uint32_t left, uint32_t right)
{
    const struct pn_address_set *a = pn_set_pool_get(pool, left),
                                *b = pn_set_pool_get(pool, right);
    struct pn_address_set both = { 0 };
    uint32_t number;

    if (!pn_work_take(pool->work, STEPS_AN_INTERVAL * (pn_address_set_count(a) +
                                                       pn_address_set_count(b))))
        return left;
    if (!pn_address_set_add(&both, a) || !pn_address_set_add(&both, b))
        pool->failed = true;
    pn_address_set_finish(&both);
    number = pn_set_pool_add(pool, &both);
    pn_address_set_clear(&both);
    return number;
}

uint32_t
pn_set_pool_union(struct pn_set_pool *pool, uint32_t left, uint32_t right)
{
    uint32_t pair[] = { left < right ? left : right, left < right ? right : left };
    size_t before = pool->pairs.count;
    uint32_t number;

    if (!left || !right || left == right)
        return left ? left : right;
    if (!pn_intern_add(&pool->pairs, pair, sizeof(pair), &number) ||
        !pn_vector_reserve(&pool->unions, &pool->union_capacity, pool->pairs.count,
                           sizeof(*pool->unions))) {
        pool->failed = true;
        return left;
    }
    if (pool->pairs.count > before)
        pool->unions[number] = union_make(pool, pair[0], pair[1]);
    return pool->unions[number];
}

static bool
listed_add(struct pn_list_addresses *list, uint8_t family, struct pn_listed listed)
{
    struct pn_listed4 small = { (uint32_t)listed.start, listed.length, listed.exact };

    if (family == 6)
        return pn_vector_add(&list->v6, &list->v6_count, &list->v6_capacity, &listed,
                             sizeof(listed));
    return pn_vector_add(&list->v4, &list->v4_count, &list->v4_capacity, &small,
                         sizeof(small));
}

/* Each prefix of a range has its own length. */
static bool
range_add(struct pn_list_addresses *list, const struct pn_target *target)
{
    for (pn_number first = target->first;;) {
        uint8_t length = pn_prefix_at(target->family, first, target->last);
        pn_number last = first | pn_host_mask(target->family, length);

        if (!listed_add(list, target->family,
                        (struct pn_listed){ first, length, false }))
            return false;
        if (last == target->last)
            return true;
        first = last + 1;
    }
}

bool
pn_list_add(struct pn_list_addresses *list, const struct pn_target *target)
{
    bool exact = target->kind == PN_TARGET_ADDRESSES, good = true;
    uint8_t length = exact ? (uint8_t)pn_family_bits(target->family) : target->length;
    pn_number below = pn_host_mask(target->family, length);

    if (target->kind == PN_TARGET_RANGE)
        return range_add(list, target);
    for (unsigned i = 0; i < target->count && good; i++)
        good = listed_add(
            list, target->family,
            (struct pn_listed){ target->first + i * (below + 1), length, exact });
    return good;
}

uint32_t
pn_set_pool_add_list(struct pn_set_pool *pool, struct pn_list_addresses *list)
{
    uint32_t number = (uint32_t)pool->list_count;

    if (pn_vector_add(&pool->lists, &pool->list_count, &pool->list_capacity, list,
                      sizeof(*list)))
        *list = (struct pn_list_addresses){ 0 };
    else
        pool->failed = true;
    return number;
}

void
pn_list_addresses_clear(struct pn_list_addresses *list)
{
    pn_free(list->v4);
    pn_free(list->v6);
    *list = (struct pn_list_addresses){ 0 };
}

void
pn_set_pool_clear(struct pn_set_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        pn_address_set_clear(&pool->items[i]);
    for (size_t i = 0; i < pool->list_count; i++)
        pn_list_addresses_clear(&pool->lists[i]);
    pn_free(pool->items);
    pn_free(pool->lists);
    pn_free(pool->known_at);
    pn_free(pool->unions);
    pn_intern_clear(&pool->pairs);
    pn_intern_clear(&pool->known);
    *pool = (struct pn_set_pool){ 0 };
}
