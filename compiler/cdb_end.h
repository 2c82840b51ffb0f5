/* The end of a cdb that is written through tinycdb. */
#ifndef PN_COMPILER_CDB_END_H
#define PN_COMPILER_CDB_END_H

#include <cdb.h>
#include <stdbool.h>

/*
 * Finishes the file when all went well so far, and frees what tinycdb holds in any
 * case. False with errno set: of what went wrong before, or now.
 */
bool
pn_cdb_end(struct cdb_make *cdb, bool good);

#endif
