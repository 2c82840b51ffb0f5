/* How many addresses an entry of an item has, and one of them. */
#include "analysis/lint/entry.h"
#include "analysis/lint/context.h"
#include "compiler/unicast.h"

/* An entry as an interval, counted by its zero groups. */
struct entry_range {
    struct pn_weights weights;
    struct pn_sweep_interval interval;
};

static void
entry_range_make(const struct pn_lint *lint, uint32_t item, size_t number,
                 struct entry_range *out)
{
    const struct pn_zeros *zeros = pn_lint_entry_zeros(lint, item, number);
    uint8_t family;
    const struct pn_prefix *p = pn_lint_entry(lint, item, number, &family);

    out->interval =
        (struct pn_sweep_interval){ .first = p->start,
                                    .last = pn_prefix_last(p, family),
                                    .family = family,
                                    .weights = zeros ? &out->weights : NULL };
    if (zeros)
        pn_weights_make(&out->weights, zeros);
}

pn_number
pn_lint_entry_size(const struct pn_lint *lint, uint32_t item, size_t number)
{
    struct entry_range entry_range;

    entry_range_make(lint, item, number, &entry_range);
    return pn_sweep_interval_count(&entry_range.interval, entry_range.interval.first,
                                   entry_range.interval.last);
}

pn_number
pn_lint_entry_open(const struct pn_lint *lint, uint32_t item, size_t number,
                   const struct pn_intervals *covers)
{
    struct entry_range entry_range;
    const struct pn_sweep_interval *s = &entry_range.interval;
    struct pn_interval gap;
    struct pn_gaps gaps;
    pn_number size = 0;

    entry_range_make(lint, item, number, &entry_range);
    gaps = pn_gaps_begin(covers, s->first, s->last);
    while (pn_gaps_next(&gaps, &gap))
        size += pn_sweep_interval_count(s, gap.first, gap.last);
    return size;
}

struct pn_witness
pn_lint_entry_witness(const struct pn_lint *lint, uint32_t item, size_t number)
{
    struct pn_witness witness = { .item = PN_RULE_NONE };
    struct entry_range entry_range;
    const struct pn_sweep_interval *s = &entry_range.interval;
    pn_number at;

    entry_range_make(lint, item, number, &entry_range);
    at = s->first == s->last ? s->first
                             : pn_example_address(s->family, s->first, s->last);
    if (!pn_sweep_interval_first(s, at, s->last, &at))
        (void)pn_sweep_interval_first(s, s->first, s->last, &at); /* there is one */
    witness.address = at;
    witness.family = s->family;
    return witness;
}
