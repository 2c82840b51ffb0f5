/*
 * Every rule has a rank, of which the lowest decides. A sweep over the addresses has
 * the ranks that are open at one in a heap: what a rule decides anywhere is what it is
 * written for.
 */
#include "interop/ordered.h"

#include <stdlib.h>

#include "analysis/extent_text.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/query_text.h"

bool
pn_ordered_add(struct pn_ordered *ordered, struct pn_ordered_rule rule)
{
    return pn_vector_add(&ordered->items, &ordered->count, &ordered->capacity, &rule,
                         sizeof(rule));
}

void
pn_ordered_clear(struct pn_ordered *ordered)
{
    pn_free(ordered->items);
    *ordered = (struct pn_ordered){ 0 };
}

/* A rule, for sorting by which decides. */
struct ranked {
    pn_number size; /* less one; 0 where it counts for nothing */
    uint32_t rule;
    bool last;
};

static int
compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    int order = (a->rule > b->rule) - (a->rule < b->rule);

    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return a->last ? -order : order;
}

/* A rule, for sorting by where it begins. */
struct start {
    pn_number first;
    uint8_t family;
    uint32_t rank;
};

static int
compare_starts(const void *left, const void *right)
{
    const struct start *a = left, *b = right;

    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* The rules by where they begin, and a heap of those that are open, the lowest on top.
 */
struct sweep {
    const struct pn_ordered_rule *rules;
    struct ranked *ranked; /* by rank */
    struct start *starts;
    uint32_t *heap; /* of ranks */
    size_t count, next, open;
    struct pn_ordered_parts *parts;
    bool failed;
};

static void
heap_add(struct sweep *s, uint32_t rank)
{
    size_t at = s->open++;

    for (; at && s->heap[(at - 1) / 2] > rank; at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = rank;
}

static void
heap_take(struct sweep *s)
{
    uint32_t last = s->heap[--s->open];
    size_t at = 0, child;

    for (; (child = 2 * at + 1) < s->open; at = child) {
        if (child + 1 < s->open && s->heap[child + 1] < s->heap[child])
            child++;
        if (last <= s->heap[child])
            break;
        s->heap[at] = s->heap[child];
    }
    s->heap[at] = last;
}

static uint32_t
top(const struct sweep *s)
{
    return s->ranked[s->heap[0]].rule;
}

/*
 * From an address on, until the rule on top ends or another begins, that one decides;
 * returns the last such address.
 */
static pn_number
part_take(struct sweep *s, uint8_t family, pn_number at)
{
    uint32_t rule = top(s);
    pn_number last = s->rules[rule].last;
    struct pn_ordered_part part;

    if (s->next < s->count && s->starts[s->next].family == family &&
        s->starts[s->next].first <= last)
        last = s->starts[s->next].first - 1;
    part = (struct pn_ordered_part){ at, last, family, rule };
    s->failed |= !pn_vector_add(&s->parts->items, &s->parts->count, &s->parts->capacity,
                                &part, sizeof(part));
    return last;
}

/* All that begins at an address is opened, and what has ended before it is closed. */
static void
rules_open(struct sweep *s, uint8_t family, pn_number at)
{
    while (s->next < s->count && s->starts[s->next].family == family &&
           s->starts[s->next].first == at)
        heap_add(s, s->starts[s->next++].rank);
    while (s->open && s->rules[top(s)].last < at)
        heap_take(s);
}

static void
sweep_family(struct sweep *s, uint8_t family)
{
    pn_number at, last;

    while (s->next < s->count && s->starts[s->next].family == family && !s->failed) {
        at = s->starts[s->next].first;
        rules_open(s, family, at);
        while (s->open && !s->failed) {
            last = part_take(s, family, at);
            if (last == pn_host_mask(family, 0)) {
                s->open = 0;
                break;
            }
            at = last + 1;
            rules_open(s, family, at);
        }
    }
}

static void
sweep_run(struct sweep *s, enum pn_order order)
{
    const struct pn_ordered_rule *rule;

    for (size_t i = 0; i < s->count; i++) {
        rule = &s->rules[i];
        s->ranked[i] =
            (struct ranked){ order >= PN_ORDER_LONGEST ? rule->last - rule->first : 0,
                             (uint32_t)i,
                             order == PN_ORDER_LAST || order == PN_ORDER_LONGEST };
    }
    qsort(s->ranked, s->count, sizeof(*s->ranked), compare_ranked);
    for (size_t i = 0; i < s->count; i++) {
        rule = &s->rules[s->ranked[i].rule];
        s->starts[i] = (struct start){ rule->first, rule->family, (uint32_t)i };
    }
    qsort(s->starts, s->count, sizeof(*s->starts), compare_starts);
    for (unsigned side = 0; side < PN_FAMILIES; side++) {
        s->open = 0;
        sweep_family(s, pn_family_at(side));
    }
}

static void
rule_write(const struct pn_ordered *ordered, const struct pn_ordered_rule *rule,
           const struct pn_intervals *own, struct pn_import *import)
{
    const struct pn_interval whole = { rule->first, rule->last };
    struct pn_buffer text = { 0 };

    if (!own->count) {
        pn_import_note(import, rule->file, rule->line,
                       "no client comes to this rule: others decide for all of it");
        return;
    }
    if (rule->is_prefix)
        pn_interval_write(&text, &whole, rule->family);
    for (size_t i = 0; !rule->is_prefix && i < own->count; i++) {
        pn_buffer_add_text(&text, i ? ", " : "");
        pn_interval_write(&text, &own->items[i], rule->family);
    }
    pn_buffer_add_text(&text, rule->allows ? " : allow" : " : deny");
    if (ordered->variable && rule->value.ptr) {
        pn_buffer_add_format(&text, ", %s=", ordered->variable);
        pn_value_write(&text, rule->value);
    }
    import->failed |= text.failed;
    if (!text.failed)
        pn_import_statement(import, rule->file, rule->line, pn_str_of(&text));
    pn_buffer_free(&text);
}

bool
pn_ordered_cut(const struct pn_ordered *ordered, struct pn_ordered_parts *out)
{
    size_t count = ordered->count;
    struct sweep sweep = { .rules = ordered->items, .count = count, .parts = out };

    if (!count)
        return true;
    sweep.ranked = pn_calloc(count, sizeof(*sweep.ranked));
    sweep.starts = pn_calloc(count, sizeof(*sweep.starts));
    sweep.heap = pn_calloc(count, sizeof(*sweep.heap));
    sweep.failed = !sweep.ranked || !sweep.starts || !sweep.heap;
    if (!sweep.failed)
        sweep_run(&sweep, ordered->order);
    pn_free(sweep.ranked);
    pn_free(sweep.starts);
    pn_free(sweep.heap);
    return !sweep.failed;
}

void
pn_ordered_write(const struct pn_ordered *ordered, struct pn_import *import)
{
    size_t count = ordered->count;
    struct pn_ordered_parts parts = { 0 };
    struct pn_intervals *own = pn_calloc(count, sizeof(*own)); /* by rule */

    import->failed |= (count && !own) || !pn_ordered_cut(ordered, &parts);
    for (size_t i = 0; i < parts.count && !import->failed; i++)
        import->failed |= !pn_intervals_add(&own[parts.items[i].rule],
                                            parts.items[i].first, parts.items[i].last);
    for (size_t i = 0; i < count && !import->failed; i++)
        rule_write(ordered, &ordered->items[i], &own[i], import);
    for (size_t i = 0; own && i < count; i++)
        pn_intervals_clear(&own[i]);
    pn_free(own);
    pn_free(parts.items);
}
