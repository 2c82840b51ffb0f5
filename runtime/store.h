/* An open image in memory: who owns the bytes, and one probe of them. */
#ifndef PN_RUNTIME_STORE_H
#define PN_RUNTIME_STORE_H

#include <cdb.h>

#include "postern/rules.h"
#include "runtime/format/container.h"

enum pn_store_owner { PN_STORE_BORROWED, PN_STORE_HEAP, PN_STORE_MAPPED };

struct postern_rules {
    struct cdb cdb; /* made here, not by cdb_init(): see store.c */
    struct pn_container container;
    enum pn_store_owner owner;
    void *bytes;
    size_t size;
};

/*
 * Looks a key up in `cdb`, a copy of rules->cdb that this decision alone works with:
 * cdb_find() writes its result there, and the shared handle stays constant, so that
 * deciding threads need no lock. The copy owns nothing: it is never passed to
 * cdb_free(). 1 found (then *out is the record), 0 absent, -1 damaged.
 */
static inline int
pn_store_find(const struct postern_rules *rules, struct cdb *cdb,
              struct postern_str key, struct pn_record *out)
{
    int found;

    if (key.len > rules->container.size)
        return 0;
    found = cdb_find(cdb, key.ptr, (unsigned)key.len);
    if (found <= 0)
        return found;
    return pn_container_record(&rules->container, cdb_keypos(cdb) - PN_CDB_RECORD_HEAD,
                               out)
               ? 1
               : -1;
}

/*
 * Asks for the slots of an address and of its prefixes before they are needed. A
 * hint: the processor then waits for memory once a decision, not once a probe. Files
 * that fit into its caches are left alone.
 */
void
pn_store_prefetch(const struct postern_rules *rules, struct postern_str address);

#endif
