/* tinycdb does it; who wants a database of ours goes by compiler/compile.h. */
#include "compiler/records_file.h"

#include <cdb.h>

#include "compiler/image.h"

bool
pn_records_write(int fd, pn_records_next_fn next, void *payload)
{
    struct pn_str key, value;
    struct cdb_make cdb;
    bool good = cdb_make_start(&cdb, fd) == 0;

    if (!good)
        return false;
    while (good && next(payload, &key, &value))
        good = cdb_make_add(&cdb, key.ptr, (unsigned)key.len, value.ptr,
                            (unsigned)value.len) == 0;
    return pn_cdb_finish(&cdb, good);
}
