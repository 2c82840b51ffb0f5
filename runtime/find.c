/* One probe, through tinycdb; apart from store.c because look-ups may not allocate. */
#include "runtime/store.h"

/*
 * cdb_find() writes its result into the struct cdb. Searching a copy keeps the shared
 * handle constant, so that deciding threads need no lock. The copy owns nothing: it is
 * never passed to cdb_free().
 */
int
pn_store_find(const struct postern_rules *rules, struct postern_str key,
              struct pn_record *out)
{
    struct cdb cdb = rules->cdb;
    int found;

    if (key.len > rules->container.size)
        return 0;
    found = cdb_find(&cdb, key.ptr, (unsigned)key.len);
    if (found <= 0)
        return found;
    return pn_container_record(&rules->container,
                               cdb_keypos(&cdb) - PN_CDB_RECORD_HEAD, out)
               ? 1
               : -1;
}
