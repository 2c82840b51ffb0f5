/* A sweep over the ends of extents: between two ends, the sets do not change. */
#include "compiler/extents.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

uint32_t
pn_zeros_keep(struct pn_intern *pool, const struct pn_zeros *set)
{
    uint32_t number;

    return pn_intern_add(pool, set, sizeof(*set), &number) ? number + 1 : 0;
}

struct pn_zeros
pn_zeros_kept(const struct pn_intern *pool, uint32_t number)
{
    struct pn_zeros set;

    memcpy(&set, pool->bytes.bytes + pn_intern_offset(pool, number - 1), sizeof(set));
    return set;
}

int
pn_extent_compare(const void *left, const void *right)
{
    const struct pn_extent *a = left, *b = right;

    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

pn_number
pn_extent_size(const struct pn_intern *pool, const struct pn_extent *extent)
{
    struct pn_weights weights;
    struct pn_zeros set;

    if (!extent->zeros)
        return extent->last - extent->first + 1;
    set = pn_zeros_kept(pool, extent->zeros);
    pn_weights_make(&weights, &set);
    return pn_weights_count(&weights, extent->first, extent->last);
}

pn_number
pn_extent_nearest(const struct pn_intern *pool, const struct pn_extent *extent,
                  pn_number at)
{
    pn_number first = extent->first, last = extent->last, below, above;
    struct pn_weights weights;
    struct pn_zeros set;
    bool has_below, has_above;

    at = at < first ? first : at > last ? last : at;
    if (!extent->zeros)
        return at;
    set = pn_zeros_kept(pool, extent->zeros);
    pn_weights_make(&weights, &set);
    has_below = pn_weights_last(&weights, first, at, &below);
    has_above = pn_weights_first(&weights, at, last, &above);
    if (has_below && (!has_above || at - below <= above - at))
        return below;
    return has_above ? above : at;
}

bool
pn_extent_holds(const struct pn_intern *pool, const struct pn_extent *extent,
                const struct postern_addr *address)
{
    pn_number at = pn_number_from(address);
    struct pn_zeros set;

    if (address->family != extent->family || at < extent->first || at > extent->last)
        return false;
    if (!extent->zeros)
        return true;
    set = pn_zeros_kept(pool, extent->zeros);
    return pn_zeros_has(&set, pn_zeros_of(at));
}

/* The extents to be joined, and the result. */
struct join {
    const struct pn_extent *from;
    size_t from_count;
    struct pn_extent *items;
    size_t count, capacity;
    struct pn_intern *pool;
    bool failed;
};

/* The extents that contain the current address. */
struct active {
    const struct pn_extent **items;
    size_t count;
    pn_number at;
    uint8_t family;
};

/* The union of their sets, and the last address where it holds. */
static struct pn_extent
union_make(const struct join *j, const struct active *active, struct pn_zeros *set)
{
    struct pn_extent out = { active->at, pn_host_mask(active->family, 0),
                             active->family, 1 };

    *set = (struct pn_zeros){ { 0 } };
    for (size_t i = 0; i < active->count; i++) {
        const struct pn_extent *e = active->items[i];

        if (e->last < out.last)
            out.last = e->last;
        if (e->zeros) {
            struct pn_zeros other = pn_zeros_kept(j->pool, e->zeros);

            *set = pn_zeros_join(set, &other);
        } else {
            out.zeros = 0;
        }
    }
    return out;
}

/* Adds a range, or extends the last one. */
static void
range_add(struct join *j, struct pn_extent extent, const struct pn_zeros *set)
{
    struct pn_extent *before = j->count ? &j->items[j->count - 1] : NULL;

    if (extent.zeros)
        extent.zeros = pn_zeros_keep(j->pool, set);
    if (before && before->family == extent.family && before->last + 1 == extent.first &&
        before->zeros == extent.zeros) {
        before->last = extent.last;
    } else if (pn_vector_reserve(&j->items, &j->capacity, j->count + 1,
                                 sizeof(*j->items))) {
        j->items[j->count++] = extent;
    } else {
        j->failed = true;
    }
}

/* Continues behind an address; false behind the last one of a family. */
static void
active_leave(struct active *active, pn_number last)
{
    size_t kept = 0;

    for (size_t i = 0; i < active->count; i++)
        if (active->items[i]->last > last)
            active->items[kept++] = active->items[i];
    active->count = kept;
    active->at = last + 1;
}

static void
ranges_cut(struct join *j)
{
    struct active active = { .items =
                                 pn_malloc(j->from_count * sizeof(*active.items)) };
    size_t next = 0;

    j->failed = !active.items;
    while ((next < j->from_count || active.count) && !j->failed) {
        struct pn_extent extent;
        struct pn_zeros set;

        if (!active.count) {
            active.at = j->from[next].first;
            active.family = j->from[next].family;
        }
        while (next < j->from_count && j->from[next].family == active.family &&
               j->from[next].first <= active.at)
            active.items[active.count++] = &j->from[next++];
        extent = union_make(j, &active, &set);
        if (next < j->from_count && j->from[next].family == active.family &&
            j->from[next].first - 1 < extent.last)
            extent.last = j->from[next].first - 1;
        range_add(j, extent, &set);
        active_leave(&active, extent.last);
    }
    pn_free(active.items);
}

struct pn_zeros
pn_extent_patterns(const struct pn_extent *e)
{
    struct pn_zeros set = { { 0 } }, more;

    if (e->first > PN_MAPPED_LAST || e->last < PN_MAPPED_FIRST)
        return pn_zeros_within(e->first, e->last);
    if (e->first < PN_MAPPED_FIRST)
        set = pn_zeros_within(e->first, PN_MAPPED_FIRST - 1);
    if (e->last > PN_MAPPED_LAST) {
        more = pn_zeros_within(PN_MAPPED_LAST + 1, e->last);
        set = pn_zeros_join(&set, &more);
    }
    return set;
}

/* A range, its patterns, and the ones selected. */
struct merged {
    struct pn_extent extent;
    struct pn_zeros all, set;
};

static struct merged
merge(const struct join *j, const struct pn_extent *extent)
{
    struct merged s = { .extent = *extent, .all = pn_extent_patterns(extent) };

    s.set = s.all;
    if (extent->zeros) {
        s.set = pn_zeros_kept(j->pool, extent->zeros);
        s.set = pn_zeros_intersect(&s.set, &s.all);
    }
    return s;
}

/* Joins neighbours where one set describes both. */
static bool
merged_join(struct merged *left, const struct merged *right)
{
    struct pn_zeros both = pn_zeros_join(&left->set, &right->set), in, more;

    if (left->extent.family != right->extent.family ||
        left->extent.last + 1 != right->extent.first)
        return false;
    in = pn_zeros_intersect(&both, &left->all);
    more = pn_zeros_less(&in, &left->set);
    if (!pn_zeros_is_empty(&more))
        return false;
    in = pn_zeros_intersect(&both, &right->all);
    more = pn_zeros_less(&in, &right->set);
    if (!pn_zeros_is_empty(&more))
        return false;
    left->extent.last = right->extent.last;
    left->all = pn_zeros_join(&left->all, &right->all);
    left->set = both;
    return true;
}

static void
merged_keep(struct join *j, size_t *kept, const struct merged *s)
{
    struct pn_zeros rest = pn_zeros_less(&s->all, &s->set);
    struct pn_extent e = s->extent;

    e.zeros = 0;
    if (!pn_zeros_is_empty(&rest)) {
        e.zeros = pn_zeros_keep(j->pool, &s->set);
        j->failed |= !e.zeros;
    }
    j->items[(*kept)++] = e;
}

/* Gives each range the smallest set, and joins neighbours where possible. */
static void
ranges_merge(struct join *j)
{
    struct merged last = { .extent = { .family = 0 } };
    size_t kept = 0;

    for (size_t i = 0; i < j->count; i++) {
        struct merged next;

        if (j->items[i].family != 6) { /* IPv4 comes first */
            j->items[kept++] = j->items[i];
            continue;
        }
        next = merge(j, &j->items[i]);
        if (pn_zeros_is_empty(&next.set) ||
            (last.extent.family && merged_join(&last, &next)))
            continue;
        if (last.extent.family)
            merged_keep(j, &kept, &last);
        last = next;
    }
    if (last.extent.family)
        merged_keep(j, &kept, &last);
    j->count = kept;
}

/* Extents that have no sets. */
static void
plain_join(struct pn_extent *items, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 1; i < *count; i++) {
        struct pn_extent *before = &items[kept];

        if (before->family != items[i].family ||
            (items[i].first && before->last < items[i].first - 1))
            items[++kept] = items[i];
        else if (items[i].last > before->last)
            before->last = items[i].last;
    }
    *count = kept + 1;
}

bool
pn_extents_join(struct pn_extent **items, size_t *count, size_t *capacity,
                struct pn_intern *pool)
{
    struct join j = { .from = *items, .from_count = *count, .pool = pool };
    bool plain = true;

    if (!*count)
        return true;
    qsort(*items, *count, sizeof(**items), pn_extent_compare);
    for (size_t i = 0; i < *count; i++)
        plain = plain && !(*items)[i].zeros;
    if (plain) {
        plain_join(*items, count);
        return true;
    }
    ranges_cut(&j);
    ranges_merge(&j);
    pn_free(*items);
    *items = j.items;
    *count = j.count;
    *capacity = j.capacity;
    return !j.failed;
}
