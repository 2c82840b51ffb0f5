/* The ends of an image: where it is written, and where it is opened again. */
#include "compiler/image.h"

#include <cdb.h>
#include <errno.h>

#include "base/memory.h"

enum { KEY_MARKS = 8 }; /* what keys have besides the texts; see struct postern_query */

/* tinycdb frees its lists only where it finishes. */
bool
pn_cdb_finish(struct cdb_make *cdb, bool good)
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

static enum postern_status
decode(struct pn_decoded *out, int fd)
{
    switch (pn_image_decode(out, fd)) {
    case PN_DECODE_OK:
        return POSTERN_OK;
    case PN_DECODE_SYSTEM:
        return errno == ENOMEM ? POSTERN_E_NOMEM : POSTERN_E_IO;
    case PN_DECODE_DAMAGED:
        break;
    }
    return POSTERN_E_FORMAT;
}

enum postern_status
pn_image_open(struct pn_opened_image *out, int fd)
{
    enum postern_status status;

    *out = (struct pn_opened_image){ 0 };
    status = postern_rules_open_fd(fd, 0, &out->rules);
    if (status == POSTERN_OK)
        status = decode(&out->decoded, fd);
    if (status == POSTERN_E_NOMEM)
        errno = ENOMEM;
    if (status != POSTERN_OK)
        pn_image_close(out);
    return status;
}

void
pn_image_close(struct pn_opened_image *image)
{
    int saved_errno = errno;

    pn_decoded_clear(&image->decoded);
    postern_rules_close(image->rules);
    *image = (struct pn_opened_image){ 0 };
    errno = saved_errno;
}

enum postern_status
pn_image_decide(const struct postern_rules *rules, const struct postern_query *query,
                struct postern_decision *out)
{
    size_t address =
        query->remote_text.ptr ? query->remote_text.len : POSTERN_ADDR_TEXT_SIZE;
    size_t size = address + query->host.len + query->ident.len;
    struct postern_query asked = *query;
    enum postern_status status;

    *out = (struct postern_decision)POSTERN_DECISION_INIT;
    if (size <= POSTERN_TEXT_MAX)
        return postern_rules_decide(rules, query, out);
    asked.scratch_size = size + KEY_MARKS;
    asked.scratch = pn_malloc(asked.scratch_size);
    status = asked.scratch ? postern_rules_decide(rules, &asked, out) : POSTERN_E_NOMEM;
    pn_free(asked.scratch);
    return status;
}
