/* The records of a constant database that another program has made. */
#ifndef PN_INTEROP_RECORDS_H
#define PN_INTEROP_RECORDS_H

#include "interop/import.h"

/* Takes a record, whose key is in import->at. */
typedef void (*pn_import_record_fn)(void *payload, struct pn_str key,
                                    struct pn_str value);

/*
 * Hands over the records of a file in their order. False, with an error, when it is no
 * database, a damaged one, or a policy of ours that was compiled.
 */
bool
pn_import_records_each(struct pn_import *import, uint32_t file,
                       pn_import_record_fn take, void *payload);

#endif
