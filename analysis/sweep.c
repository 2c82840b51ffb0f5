/* Prefixes are nested or disjoint: a stack holds those around the place at hand. */
#include "analysis/sweep.h"

#include <stdlib.h>

/* An extent and a rank each, both 0 to 128, and an exact address. */
enum { DEPTH = 129 * 129 + 1 };

struct sweep {
    const struct pn_prefix **stack;
    pn_number *lasts; /* of each in the stack */
    size_t depth;
    pn_number at; /* all before it was handed over */
    bool ended;   /* so was the last address */
    uint8_t family;
    pn_stretch_fn take;
    void *payload;
};

static void
hand_over(struct sweep *s, pn_number last)
{
    struct pn_stretch stretch = { .first = s->at,
                                  .last = last,
                                  .family = s->family,
                                  .around = s->stack,
                                  .depth = s->depth };

    s->take(s->payload, &stretch);
    s->at = last + 1;
    s->ended = last == pn_number_below(s->family, 0);
}

/* Leaves the prefixes that end before `start`. */
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
        hand_over(s, pn_number_below(s->family, 0));
}

bool
pn_sweep(const struct pn_prefixes *list, uint8_t family, pn_stretch_fn take,
         void *payload)
{
    struct sweep s = { .family = family, .take = take, .payload = payload };
    bool good;

    s.stack = malloc(DEPTH * sizeof(struct pn_prefix *));
    s.lasts = malloc(DEPTH * sizeof(*s.lasts));
    good = s.stack && s.lasts;
    if (good) {
        for (size_t i = 0; i < list->count; i++) {
            const struct pn_prefix *p = &list->items[i];

            leave_until(&s, p->start);
            s.lasts[s.depth] = p->start | pn_number_below(family, p->length);
            s.stack[s.depth++] = p;
        }
        leave_all(&s);
    }
    free(s.stack);
    free(s.lasts);
    return good;
}

/* A sweep that is cut at covers. */
struct cutter {
    const struct pn_covers *covers;
    size_t at;
    pn_stretch_fn take;
    void *payload;
};

static void
cut(void *payload, const struct pn_stretch *s)
{
    struct cutter *c = payload;
    struct pn_stretch part = *s;

    for (; c->at < c->covers->count; c->at++) {
        const struct pn_cover *cover = &c->covers->items[c->at];

        if (cover->first > s->last)
            break;
        if (cover->last < part.first)
            continue;
        if (cover->first > part.first) {
            part.last = cover->first - 1;
            c->take(c->payload, &part);
        }
        if (cover->last >= s->last)
            return;
        part.first = cover->last + 1;
    }
    part.last = s->last;
    c->take(c->payload, &part);
}

bool
pn_sweep_open(const struct pn_prefixes *list, uint8_t family,
              const struct pn_covers *covers, pn_stretch_fn take, void *payload)
{
    struct cutter cutter = { covers, 0, take, payload };

    return pn_sweep(list, family, cut, &cutter);
}

const struct pn_prefix *
pn_stretch_exact(const struct pn_stretch *stretch)
{
    for (size_t i = stretch->depth; i-- > 0;)
        if (stretch->around[i]->exact)
            return stretch->around[i];
    return NULL;
}

const struct pn_prefix *
pn_stretch_prefix(const struct pn_stretch *stretch, const struct pn_prefix *entry,
                  uint32_t target)
{
    const struct pn_prefix *best = NULL;

    for (size_t i = stretch->depth; i-- > 0;) {
        const struct pn_prefix *p = stretch->around[i];

        if (p->exact || p == entry || p->rule == target)
            continue;
        if (!best || p->counts > best->counts ||
            (p->counts == best->counts && p->rule < best->rule))
            best = p;
        if (best->counts >= p->length) /* what is further out is no longer */
            break;
    }
    return best;
}

size_t
pn_prefixes_from(const struct pn_prefixes *list, size_t low, pn_number address)
{
    size_t high = list->count;

    if (low < high && list->items[low].start >= address)
        return low; /* nothing lies between, nearly always */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->items[middle].start < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
