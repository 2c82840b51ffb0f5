/* The entries of an item: its prefixes, addresses and names in the space. */
#ifndef PN_ANALYSIS_LINT_ENTRY_H
#define PN_ANALYSIS_LINT_ENTRY_H

#include "analysis/lint/context.h"

/* How many prefixes and addresses an item has in the space. */
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

/* Those addresses of an entry that are meant, by their zero groups; NULL: all of them.
 */
static inline const struct pn_zeros *
pn_lint_entry_zeros(const struct pn_lint *lint, uint32_t item, size_t number)
{
    struct pn_entry_at at = lint->entries.items[lint->entries.firsts[item] + number];
    uint32_t group = lint->survey.infos[item].group;

    return at.spelt ? &lint->policy->space.groups[group].spelt[at.index].zeros : NULL;
}

/* How many addresses an entry has; 2^128 is 0. */
pn_number
pn_lint_entry_size(const struct pn_lint *lint, uint32_t item, size_t number);

/* Of an entry, less what is in the covers; mapped addresses are in those of IPv6. */
pn_number
pn_lint_entry_open(const struct pn_lint *lint, uint32_t item, size_t number,
                   const struct pn_intervals *covers);

/* An address of an entry that a person would choose for an example. */
struct pn_witness
pn_lint_entry_witness(const struct pn_lint *lint, uint32_t item, size_t number);

/* The names of an item: how many, and each. */
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
