/* tinycdb frees its lists only where it finishes. */
#include "compiler/cdb_end.h"

#include <errno.h>

bool
pn_cdb_end(struct cdb_make *cdb, bool good)
{
    int saved_errno = errno;

    if (!good)
        cdb->cdb_fd = -1; /* so that finishing writes nothing */
    errno = 0;
    if (cdb_make_finish(cdb) != 0 && good) {
        good = false;
        saved_errno = errno == ENOENT ? ENOMEM : errno; /* its word for no memory */
    }
    errno = saved_errno;
    return good;
}
