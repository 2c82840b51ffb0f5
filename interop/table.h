/* Tables and sets of addresses, as several programs have them. */
#ifndef PN_INTEROP_TABLE_H
#define PN_INTEROP_TABLE_H

#include "interop/ordered.h"

/*
 * Reads "A", "A/N", "A/MASK" or "A-B" into the addresses of a rule; the bits behind a
 * length are passed over. False for anything else.
 */
bool
pn_table_entry_read(struct pn_str text, struct pn_ordered_rule *out);

/* A prefix of an address, bits behind it or not; false for a length there is none of.
 */
bool
pn_table_prefix_set(struct pn_str address, unsigned length,
                    struct pn_ordered_rule *out);

/* Entries with values, and the value of who is in none. */
struct pn_address_table {
    struct pn_ordered entries;
    bool has_fallback;
    struct pn_str fallback;
    uint32_t file;
    size_t fallback_line;
};

/*
 * Writes a table. Values that are all allow and deny, or all 0 and 1, are verdicts: 1
 * stands for what import->wants says of who is listed. Any others are values of a
 * variable, the name in capitals.
 */
void
pn_table_write(struct pn_address_table *table, struct pn_import *import,
               struct pn_str name);

void
pn_table_clear(struct pn_address_table *table);

/* Writes the entries of a set by their verdicts, and the other one for everybody. */
void
pn_set_write(const struct pn_ordered *set, struct pn_import *import);

/* Writes the verdict of whom nothing names. */
void
pn_table_others_write(struct pn_import *import, uint32_t file, size_t line,
                      bool allows);

#endif
