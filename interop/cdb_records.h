/* The records of a constant database that is in memory, one behind another. */
#ifndef PN_INTEROP_CDB_RECORDS_H
#define PN_INTEROP_CDB_RECORDS_H

#include "base/source.h"

struct pn_cdb_records {
    struct pn_str file;
    size_t at, end; /* of the records */
    struct pn_str key, data;
    bool is_damaged;
};

struct pn_cdb_records
pn_cdb_records_of(const struct pn_source *file);

/* The next record, in key and data; false at the end, and where it is damaged. */
bool
pn_cdb_record_next(struct pn_cdb_records *records);

#endif
