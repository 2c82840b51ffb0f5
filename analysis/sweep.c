/* Prefixes are nested or disjoint: a stack holds those around the current address. */
#include "analysis/sweep.h"

#include <stdlib.h>

#include "base/memory.h"

/* The depth of the stack: at most one prefix for each pair of a length and a rank, both
 * 0 to 128, with one rank more for keys that match by spelling; and an exact address.
 * */
enum { DEPTH = 129 * 130 + 1 };

struct sweep {
    const struct pn_prefix **stack;
    pn_number *lasts; /* their last addresses */
    size_t depth;
    pn_number at; /* all addresses below it have been handed over */
    bool ended;   /* the last address has been, too */
    uint8_t family;
    pn_sweep_interval_fn take;
    void *payload;
};

static void
hand_over(struct sweep *s, pn_number last)
{
    struct pn_sweep_interval interval = { .first = s->at,
                                          .last = last,
                                          .family = s->family,
                                          .around = s->stack,
                                          .depth = s->depth };

    s->take(s->payload, &interval);
    s->at = last + 1;
    s->ended = last == pn_host_mask(s->family, 0);
}

/* Pops the prefixes that end before `start`. */
static void
leave_until(struct sweep *s, pn_number start)
{
    while (s->depth && s->lasts[s->depth - 1] < start) {
        if (s->at <= s->lasts[s->depth - 1])
            hand_over(s, s->lasts[s->depth - 1]);
        s->depth--;
    }
    if (s->at < start)
        hand_over(s, start - 1);
}

static void
leave_all(struct sweep *s)
{
    while (s->depth && !s->ended) {
        if (s->at <= s->lasts[s->depth - 1])
            hand_over(s, s->lasts[s->depth - 1]);
        s->depth--;
    }
    if (!s->ended)
        hand_over(s, pn_host_mask(s->family, 0));
}

/* For this many prefixes of a list, and others that may lie around all of them. */
static bool
sweep_begin(struct sweep *s, size_t count, size_t others)
{
    size_t depth = (count < DEPTH ? count + 1 : DEPTH) + others;

    s->stack = pn_malloc(depth * sizeof(struct pn_prefix *));
    s->lasts = pn_malloc(depth * sizeof(*s->lasts));
    return s->stack && s->lasts;
}

static void
enter(struct sweep *s, const struct pn_prefix *p)
{
    leave_until(s, p->start);
    s->lasts[s->depth] = pn_prefix_last(p, s->family);
    s->stack[s->depth++] = p;
}

static void
sweep_end(struct sweep *s)
{
    pn_free(s->stack);
    pn_free(s->lasts);
}

bool
pn_sweep(const struct pn_prefixes *list, uint8_t family, pn_sweep_interval_fn take,
         void *payload)
{
    struct sweep s = { .family = family, .take = take, .payload = payload };
    bool good = sweep_begin(&s, list->count, 0);

    if (good) {
        for (size_t i = 0; i < list->count; i++)
            enter(&s, &list->items[i]);
        leave_all(&s);
    }
    sweep_end(&s);
    return good;
}

/* A sweep without the covers. */
struct cutter {
    const struct pn_intervals *covers;
    size_t at;
    pn_sweep_interval_fn take;
    void *payload;
};

static void
cut(void *payload, const struct pn_sweep_interval *s)
{
    struct cutter *c = payload;
    struct pn_sweep_interval collection = *s;

    for (; c->at < c->covers->count; c->at++) {
        const struct pn_interval *cover = &c->covers->items[c->at];

        if (cover->first > s->last)
            break;
        if (cover->last < collection.first)
            continue;
        if (cover->first > collection.first) {
            collection.last = cover->first - 1;
            c->take(c->payload, &collection);
        }
        if (cover->last >= s->last)
            return;
        collection.first = cover->last + 1;
    }
    collection.last = s->last;
    c->take(c->payload, &collection);
}

bool
pn_sweep_open(const struct pn_prefixes *list, uint8_t family,
              const struct pn_intervals *covers, pn_sweep_interval_fn take,
              void *payload)
{
    struct cutter cutter = { covers, 0, take, payload };

    return pn_sweep(list, family, cut, &cutter);
}

pn_number
pn_sweep_interval_count(const struct pn_sweep_interval *interval, pn_number first,
                        pn_number last)
{
    return interval->weights ? pn_weights_count(interval->weights, first, last)
                             : last - first + 1;
}

bool
pn_sweep_interval_first(const struct pn_sweep_interval *interval, pn_number first,
                        pn_number last, pn_number *out)
{
    if (interval->weights)
        return pn_weights_first(interval->weights, first, last, out);
    *out = first;
    return true;
}

/* A sweep over the entries of one zone. */
struct zoned {
    const struct pn_intervals *covers;
    struct pn_weights weights;
    unsigned zone;
    pn_sweep_interval_fn take;
    void *payload;
};

static void
zone_take(void *payload, const struct pn_sweep_interval *interval)
{
    const struct zoned *z = payload;
    struct pn_sweep_interval s = *interval;
    pn_number at;

    s.zone = z->zone;
    s.weights = &z->weights;
    if (pn_sweep_interval_first(&s, s.first, s.last, &at))
        z->take(z->payload, &s);
}

static int
compare_pointers(const void *left, const void *right)
{
    return pn_prefix_compare(*(const struct pn_prefix *const *)left,
                             *(const struct pn_prefix *const *)right);
}

/* The group's prefixes and those of its spelt keys that hold the zone, sorted together.
 * */
static bool
zone_sweep(const struct pn_group *g, const struct pn_zones *zones, struct zoned *z)
{
    struct cutter cutter = { z->covers, 0, zone_take, z };
    struct sweep s = { .family = 6,
                       .take = z->covers ? cut : zone_take,
                       .payload = z->covers ? (void *)&cutter : (void *)z };
    unsigned pattern = pn_zones_pattern(zones, z->zone);
    const struct pn_prefix **order = pn_malloc(
        (g->prefixes[PN_V6].count + g->spelt_count + 1) * sizeof(struct pn_prefix *));
    bool good = sweep_begin(&s, g->prefixes[PN_V6].count, g->spelt_count) && order;
    size_t count = 0;

    for (; good && count < g->prefixes[PN_V6].count; count++)
        order[count] = &g->prefixes[PN_V6].items[count];
    for (size_t i = 0; good && i < g->spelt_count; i++)
        if (pn_zeros_has(&g->spelt[i].zeros, pattern))
            order[count++] = &g->spelt[i].prefix;
    if (good) {
        if (count > g->prefixes[PN_V6].count)
            qsort(order, count, sizeof(struct pn_prefix *), compare_pointers);
        for (size_t i = 0; i < count; i++)
            enter(&s, order[i]);
        leave_all(&s);
    }
    pn_free(order);
    sweep_end(&s);
    return good;
}

bool
pn_sweep_group(const struct pn_space *space, uint32_t group, uint8_t family,
               const struct pn_intervals *covers, pn_sweep_interval_fn take,
               void *payload)
{
    const struct pn_group *g = &space->groups[group];
    const struct pn_prefixes *list = &g->prefixes[pn_family_index(family)];
    struct zoned zoned = { .covers = covers, .take = take, .payload = payload };
    bool good = true;

    if (family != 6 || space->zones.count == 1)
        return covers ? pn_sweep_open(list, family, covers, take, payload)
                      : pn_sweep(list, family, take, payload);
    for (; zoned.zone < space->zones.count && good; zoned.zone++) {
        struct pn_zeros set = pn_zones_set(&space->zones, zoned.zone);

        pn_weights_make(&zoned.weights, &set);
        good = zone_sweep(g, &space->zones, &zoned);
    }
    return good;
}

const struct pn_prefix *
pn_sweep_interval_exact(const struct pn_sweep_interval *interval)
{
    for (size_t i = interval->depth; i-- > 0;)
        if (interval->around[i]->is_address)
            return interval->around[i];
    return NULL;
}

const struct pn_prefix *
pn_sweep_interval_prefix(const struct pn_sweep_interval *interval,
                         const struct pn_prefix *entry, uint32_t item)
{
    const struct pn_prefix *best = NULL;

    for (size_t i = interval->depth; i-- > 0;) {
        const struct pn_prefix *p = interval->around[i];

        if (p->is_address || p == entry || p->rule == item)
            continue;
        if (!best || pn_prefix_outranks(p, best))
            best = p;
        if (best->rank_length >= p->length) /* prefixes further out rank no higher */
            break;
    }
    return best;
}

size_t
pn_prefixes_from(const struct pn_prefixes *list, size_t low, pn_number address)
{
    size_t high = list->count;

    if (low < high && list->items[low].start >= address)
        return low; /* nearly always there is nothing between */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->items[middle].start < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
