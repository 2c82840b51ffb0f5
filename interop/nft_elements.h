/* Addresses as the JSON of nft has them: alone, in sets, or in sets that have a name.
 */
#ifndef PN_INTEROP_NFT_ELEMENTS_H
#define PN_INTEROP_NFT_ELEMENTS_H

#include <jansson.h>

#include "interop/table.h"

/* The member of an object that is a text; "" when it is none. */
const char *
pn_nft_text(const json_t *object, const char *name);

/* 4 or 6 of a set of addresses of that family alone, else 0. */
uint8_t
pn_nft_set_family(const json_t *set);

/*
 * Reads one element, or all of a set: a rule like `like` is added for each. False, with
 * an error that says what is wrong, for what is no address of that family.
 */
bool
pn_nft_elements_read(struct pn_import *import, const json_t *element,
                     const struct pn_ordered_rule *like, struct pn_ordered *out);

#endif
