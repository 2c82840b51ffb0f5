/* The way that every machine has: one after the other, each without waiting for the
 * one before, and what they will read asked for ahead. */
#include "runtime/batch.h"

static void
find(const struct pn_native_index *index, unsigned family, const uint8_t *addresses,
     size_t count, uint32_t *numbers)
{
    pn_native_find_numbers(index, family == 6 ? 16 : 4, addresses, count, numbers);
}

/* What an entry says, but the verdict. */
static inline struct postern_brief
entry_brief(const uint8_t *entry)
{
    const struct pn_native_entry e = { .lookups = pn_native_number(entry, 3),
                                       .plain = pn_native_number(entry, 4) };
    uint32_t step = pn_native_entry_step(&e);

    return (struct postern_brief){
        .rule = e.plain,
        .step = (uint8_t)step,
        .needs = (uint8_t)pn_native_entry_lookups(&e),
        .status = step > POSTERN_STEP_DEFAULT ? POSTERN_E_FORMAT : POSTERN_OK,
    };
}

static inline const uint8_t *
rule_row(const struct pn_native_rows *rules, uint32_t rule)
{
    return rules->bytes + (size_t)rule * PN_RULE_ROW_SIZE;
}

static void
take(const struct pn_native *native, const uint32_t *numbers, size_t count,
     struct postern_brief *out)
{
    const struct pn_native_rows *entries = &native->entries, *rules = &native->rules;
    const struct postern_brief damaged = { .rule = POSTERN_RULE_NONE,
                                           .step = POSTERN_STEP_NONE,
                                           .status = POSTERN_E_FORMAT };

    for (size_t i = 0; i < count; i++)
        if (numbers[i] < entries->count)
            __builtin_prefetch(entries->bytes + (size_t)numbers[i] * PN_ENTRY_SIZE);
    for (size_t i = 0; i < count; i++) {
        out[i] = numbers[i] < entries->count
                     ? entry_brief(entries->bytes + (size_t)numbers[i] * PN_ENTRY_SIZE)
                     : damaged;
        if (out[i].rule < rules->count)
            __builtin_prefetch(rule_row(rules, out[i].rule));
    }
    for (size_t i = 0; i < count; i++) {
        if (out[i].rule < rules->count && out[i].status == POSTERN_OK)
            out[i].verdict = pn_native_number(rule_row(rules, out[i].rule),
                                              PN_RULE_VERDICT) == POSTERN_ALLOW;
        else
            out[i] = damaged;
    }
}

const struct pn_batch_way pn_batch_scalar = { "scalar", find, take };
