/* An open image in memory: who owns the bytes, and one probe of them. */
#ifndef PN_RUNTIME_STORE_H
#define PN_RUNTIME_STORE_H

#include <cdb.h>

#include "postern/rules.h"
#include "runtime/format/container.h"

enum pn_store_owner {
    PN_STORE_BORROWED,
    PN_STORE_HEAP,
    PN_STORE_MAPPED
};

struct postern_rules {
    struct cdb cdb; /* made here, not by cdb_init(): see store.c */
    struct pn_container container;
    enum pn_store_owner owner;
    void *bytes;
    size_t size;
};

/*
 * Looks a key up. 1 found (then *out is the record), 0 absent, -1 damaged. No
 * allocation, system call or lock; any number of threads.
 */
int
pn_store_find(const struct postern_rules *rules, struct postern_str key,
              struct pn_record *out);

#endif
