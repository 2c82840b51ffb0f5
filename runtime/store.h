/* An open image: its bytes, their owner, and one probe of them. */
#ifndef PN_RUNTIME_STORE_H
#define PN_RUNTIME_STORE_H

#include "postern/rules.h"
#include "runtime/format/native.h"

enum pn_store_owner { PN_STORE_BORROWED, PN_STORE_HEAP, PN_STORE_MAPPED };

/* Constant once it is open: any number of threads may look things up in it. */
struct postern_rules {
    struct pn_container container;
    struct pn_native native; /* bytes is NULL for a classic image */
    enum pn_store_owner owner;
    void *owned; /* freed by close(); NULL when the bytes are borrowed */
    size_t size;
    uint32_t classic_needs; /* of a classic image: enum postern_need */
};

#endif
