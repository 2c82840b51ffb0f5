/* Two states of a published list: what came, what went, and how much of it that is. */
#ifndef PN_INTEROP_LIST_CHANGE_H
#define PN_INTEROP_LIST_CHANGE_H

#include "base/diagnostic.h"
#include "compiler/interval.h"

/* A list as it was read. All zero is empty. */
struct pn_list_read {
    size_t entries;            /* lines that give one, equal ones once */
    struct pn_address_set set; /* finished */
};

enum pn_list_result {
    PN_LIST_READ,
    PN_LIST_REFUSED, /* a line is faulty, or the file is no list: diagnostics say it */
    PN_LIST_MEMORY
};

/*
 * Reads the text of a list, as a policy reads the file of that name: what is wrong with
 * it, warnings among it, goes to `diags`. The text stays as it is. Clear *out in any
 * case.
 */
enum pn_list_result
pn_list_text_read(struct pn_list_read *out, const struct pn_source *text,
                  struct pn_diags *diags);

void
pn_list_read_clear(struct pn_list_read *list);

/* Both sets are finished. All zero is no change. */
struct pn_list_change {
    struct pn_address_set came, went;
};

/* What two finished sets differ in; false without memory. Clear *out in any case. */
bool
pn_list_change_find(struct pn_list_change *out, const struct pn_address_set *before,
                    const struct pn_address_set *after);

void
pn_list_change_clear(struct pn_list_change *change);

/* The addresses of both; to be cleared in any case. False without memory. */
bool
pn_address_set_meet(struct pn_address_set *out, const struct pn_address_set *a,
                    const struct pn_address_set *b);

/* A share in percent, in hundredths of one: 20 % are 2000. */
#define PN_SHARE_WHOLE 10000u

/*
 * Has a part of a family's addresses more than this share of the whole? Of a whole
 * without addresses every part is more.
 */
bool
pn_share_is_more(const struct pn_intervals *part, const struct pn_intervals *whole,
                 uint32_t share);

/* The largest intervals, the largest first; how many were put there, `most` at most. */
size_t
pn_intervals_largest(const struct pn_intervals *list, struct pn_interval *out,
                     size_t most);

#endif
