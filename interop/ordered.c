/*
 * A sweep over the addresses: of the rules that are open at one, the first decides.
 * What a rule decides anywhere is what it is written for.
 */
#include "interop/ordered.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/interval.h"

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

/* A rule, for sorting by where it begins. */
struct start {
    pn_number first;
    uint8_t family;
    uint32_t rule;
};

static int
compare_starts(const void *left, const void *right)
{
    const struct start *a = left, *b = right;

    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->rule > b->rule) - (a->rule < b->rule);
}

/* The rules by where they begin, and a heap of those that are open, the first on top.
 */
struct sweep {
    const struct pn_ordered_rule *rules;
    struct start *starts;
    uint32_t *heap;
    size_t count, next, open;
    struct pn_intervals *own; /* by rule: where it decides */
    bool failed;
};

static void
heap_add(struct sweep *s, uint32_t rule)
{
    size_t at = s->open++;

    for (; at && s->heap[(at - 1) / 2] > rule; at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = rule;
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

/*
 * From an address on, until the rule on top ends or another begins, that one decides;
 * returns the last such address.
 */
static pn_number
part_take(struct sweep *s, uint8_t family, pn_number at)
{
    uint32_t rule = s->heap[0];
    pn_number last = s->rules[rule].last;

    if (s->next < s->count && s->starts[s->next].family == family &&
        s->starts[s->next].first <= last)
        last = s->starts[s->next].first - 1;
    if (!pn_intervals_add(&s->own[rule], at, last))
        s->failed = true;
    return last;
}

/* All that begins at an address is opened, and what has ended before it is closed. */
static void
rules_open(struct sweep *s, uint8_t family, pn_number at)
{
    while (s->next < s->count && s->starts[s->next].family == family &&
           s->starts[s->next].first == at)
        heap_add(s, s->starts[s->next++].rule);
    while (s->open && s->rules[s->heap[0]].last < at)
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
sweep_run(struct sweep *s)
{
    for (size_t i = 0; i < s->count; i++)
        s->starts[i] =
            (struct start){ s->rules[i].first, s->rules[i].family, (uint32_t)i };
    qsort(s->starts, s->count, sizeof(*s->starts), compare_starts);
    for (unsigned side = 0; side < PN_FAMILIES; side++) {
        s->open = 0;
        sweep_family(s, pn_family_at(side));
    }
}

static void
address_add(struct pn_buffer *out, pn_number address, uint8_t family)
{
    struct postern_addr addr = pn_number_address(address, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&addr, text);
    pn_buffer_add_text(out, text);
}

/* A prefix that is the whole of a range as such, else both ends. */
static void
range_add(struct pn_buffer *out, const struct pn_interval *range, uint8_t family)
{
    unsigned length = pn_family_bits(family);

    address_add(out, range->first, family);
    while (length && !(range->first & pn_host_mask(family, length - 1)) &&
           range->last - range->first >= pn_host_mask(family, length - 1))
        length--;
    if (range->first == range->last)
        return;
    if (range->last - range->first == pn_host_mask(family, length)) {
        pn_buffer_add_format(out, "/%u", length);
        return;
    }
    pn_buffer_add_text(out, "-");
    address_add(out, range->last, family);
}

static void
rule_write(const struct pn_ordered_rule *rule, const struct pn_intervals *own,
           struct pn_import *import)
{
    const struct pn_interval whole = { rule->first, rule->last };
    struct pn_buffer text = { 0 };

    if (!own->count) {
        pn_import_note(
            import, rule->file, rule->line,
            "no client comes to this rule: those above decide for all of it");
        return;
    }
    if (rule->is_prefix)
        range_add(&text, &whole, rule->family);
    for (size_t i = 0; !rule->is_prefix && i < own->count; i++) {
        pn_buffer_add_text(&text, i ? ", " : "");
        range_add(&text, &own->items[i], rule->family);
    }
    pn_buffer_add_text(&text, rule->allows ? " : allow" : " : deny");
    import->failed |= text.failed;
    if (!text.failed)
        pn_import_statement(import, rule->file, rule->line, pn_str_of(&text));
    pn_buffer_free(&text);
}

void
pn_ordered_write(const struct pn_ordered *ordered, struct pn_import *import)
{
    size_t count = ordered->count;
    struct sweep sweep = { .rules = ordered->items, .count = count };

    if (!count)
        return;
    sweep.starts = pn_calloc(count, sizeof(*sweep.starts));
    sweep.heap = pn_calloc(count, sizeof(*sweep.heap));
    sweep.own = pn_calloc(count, sizeof(*sweep.own));
    sweep.failed = !sweep.starts || !sweep.heap || !sweep.own;
    if (!sweep.failed)
        sweep_run(&sweep);
    import->failed |= sweep.failed;
    for (size_t i = 0; i < count && !import->failed; i++)
        rule_write(&ordered->items[i], &sweep.own[i], import);
    for (size_t i = 0; sweep.own && i < count; i++)
        pn_intervals_clear(&sweep.own[i]);
    pn_free(sweep.starts);
    pn_free(sweep.heap);
    pn_free(sweep.own);
}
