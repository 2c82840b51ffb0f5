/*
 * Peers that are trusted: addresses, prefixes and ranges, said on a command line or in
 * files. Made once, then only asked.
 */
#ifndef SRV_ADDRESS_LIST_H
#define SRV_ADDRESS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "postern/types.h"

/* From the first address to the last, both of one family. */
struct srv_address_range {
    struct postern_addr first, last;
};

/* All zero is the empty list. Ranges are sorted and apart once it is finished. */
struct srv_address_list {
    struct srv_address_range *ranges;
    size_t count, capacity;
};

enum { SRV_ADDRESS_FAULT_SIZE = 256 };

/*
 * Adds what a word says: items with commas between them, each an address, a prefix
 * (10.0.0.0/8), a range (10.0.0.1-10.0.0.9), or @FILE, the last of the word, whose
 * lines hold such items, and remarks behind "#". False with the fault in words,
 * "trusted.txt:3: ...", in `fault`, which has room for SRV_ADDRESS_FAULT_SIZE bytes:
 * then some of them may have been added.
 */
bool
srv_address_list_add(struct srv_address_list *list, const char *text, char *fault);

/* Sorts, and joins what touches; call it once after the last word. */
void
srv_address_list_finish(struct srv_address_list *list);

/* The address behind one; false behind the last of its family. */
bool
srv_address_next(const struct postern_addr *addr, struct postern_addr *out);

/* Is the address in a finished list? Costs one binary search. */
bool
srv_address_list_has(const struct srv_address_list *list,
                     const struct postern_addr *addr);

/* Does a finished list hold every address of a family, 4 or 6? */
bool
srv_address_list_is_all(const struct srv_address_list *list, int family);

void
srv_address_list_clear(struct srv_address_list *list);

#endif
