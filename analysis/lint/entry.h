/* The entries of an item: its prefixes, addresses and names in the space. */
#ifndef PN_ANALYSIS_LINT_ENTRY_H
#define PN_ANALYSIS_LINT_ENTRY_H

#include "analysis/lint/context.h"

/* The number of prefixes and addresses of an item, and each of them. */
static inline size_t
pn_lint_entry_count(const struct pn_lint *lint, uint32_t item)
{
    return lint->entries.firsts[item + 1] - lint->entries.firsts[item];
}

static inline const struct pn_prefix *
pn_lint_entry(const struct pn_lint *lint, uint32_t item, size_t number, uint8_t *family)
{
    struct pn_entry_at at = lint->entries.items[lint->entries.firsts[item] + number];
    uint32_t group = lint->survey.infos[item].group;

    *family = at.family;
    return pn_entry(&lint->policy->space.groups[group], at);
}

/* The set of zero patterns of an entry: only addresses with one of these are meant.
 * NULL: all are. */
static inline const struct pn_zeros *
pn_lint_entry_zeros(const struct pn_lint *lint, uint32_t item, size_t number)
{
    struct pn_entry_at at = lint->entries.items[lint->entries.firsts[item] + number];
    uint32_t group = lint->survey.infos[item].group;

    return at.spelt ? &lint->policy->space.groups[group].spelt[at.index].zeros : NULL;
}

/* The number of addresses of an entry; 2^128 is 0. */
pn_number
pn_lint_entry_size(const struct pn_lint *lint, uint32_t item, size_t number);

/* The number of addresses of an entry without those in the covers. */
pn_number
pn_lint_entry_open(const struct pn_lint *lint, uint32_t item, size_t number,
                   const struct pn_intervals *covers);

/* An address of an entry that makes a good example. */
struct pn_witness
pn_lint_entry_witness(const struct pn_lint *lint, uint32_t item, size_t number);

/* The number of names of an item, and each of them, as a number of the space. */
static inline size_t
pn_lint_name_count(const struct pn_lint *lint, uint32_t item)
{
    return lint->entries.name_firsts[item + 1] - lint->entries.name_firsts[item];
}

static inline uint32_t
pn_lint_name(const struct pn_lint *lint, uint32_t item, size_t number)
{
    return lint->entries.names[lint->entries.name_firsts[item] + number];
}

#endif
