/* Proofs by the addresses that they are about. */
#include <stdlib.h>

#include "analysis/mutants_trial_parts.h"
#include "base/memory.h"
#include "base/vector.h"

static int
compare_spans(const void *left, const void *right)
{
    const struct pn_proof_span *a = left, *b = right;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->proof > b->proof) - (a->proof < b->proof);
}

static bool
spans_add(struct pn_trial *trial, uint32_t proof)
{
    const struct pn_address_set *within = &trial->proofs[proof].assertion->within;

    for (unsigned f = 0; f < PN_FAMILIES; f++)
        for (size_t i = 0; i < within->families[f].count; i++) {
            const struct pn_interval *interval = &within->families[f].items[i];
            struct pn_proof_span span = { interval->first, interval->last, 0, proof };

            if (!pn_vector_add(&trial->spans[f], &trial->span_counts[f],
                               &trial->span_capacities[f], &span, sizeof(span)))
                return false;
        }
    return true;
}

static void
spans_order(struct pn_proof_span *spans, size_t count)
{
    if (count)
        qsort(spans, count, sizeof(*spans), compare_spans);
    for (size_t i = 0; i < count; i++)
        spans[i].reach = i && spans[i - 1].reach > spans[i].last ? spans[i - 1].reach
                                                                 : spans[i].last;
}

bool
pn_trial_spans_make(struct pn_trial *trial)
{
    trial->wide = pn_malloc((trial->proof_count + 1) * sizeof(*trial->wide));
    if (!trial->wide)
        return false;
    for (uint32_t i = 0; i < trial->proof_count; i++) {
        const struct pn_assertion *s = trial->proofs[i].assertion;

        if (s->everything || s->outside)
            trial->wide[trial->wide_count++] = i;
        else if (!spans_add(trial, i))
            return false;
    }
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        spans_order(trial->spans[f], trial->span_counts[f]);
    return true;
}

bool
pn_proof_is_about(const struct pn_assertion *s, uint8_t family, pn_number first,
                  pn_number last)
{
    const struct pn_intervals *list = &s->within.families[pn_family_index(family)];

    if (first > last)
        return false;
    if (s->everything)
        return !s->outside;
    return s->outside ? !pn_intervals_cover(list, first, last)
                      : pn_intervals_overlap(list, first, last);
}

size_t
pn_trial_span_first(const struct pn_trial *trial, unsigned family, pn_number address)
{
    const struct pn_proof_span *spans = trial->spans[family];
    size_t low = 0, high = trial->span_counts[family];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (spans[middle].reach < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
