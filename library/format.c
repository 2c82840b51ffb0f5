/* The layout of a text. */
#include "analysis/format.h"

#include <errno.h>

#include "library/policy.h"
#include "library/text.h"

static enum postern_status
status_of(enum pn_format_result result)
{
    static const enum postern_status of[] = { [PN_FORMAT_OK] = POSTERN_OK,
                                              [PN_FORMAT_REFUSED] = POSTERN_E_REFUSED,
                                              [PN_FORMAT_MEMORY] = POSTERN_E_NOMEM,
                                              [PN_FORMAT_MISMATCH] = POSTERN_E_FORMAT };

    return of[result];
}

static enum postern_status
lay_out(struct postern_compiler *compiler, const struct pn_source *source,
        struct postern_text **out, struct postern_report **report_out)
{
    struct pn_diags diags = { .limit = PN_LIBRARY_DIAGS_MAX };
    struct pn_buffer bytes = { 0 };
    enum postern_status status = status_of(pn_format_text(source, &diags, &bytes));
    struct postern_text *text = NULL;

    if (status == POSTERN_E_REFUSED)
        status = pn_public_report_refuse(compiler, &diags, report_out);
    if (status == POSTERN_OK) {
        text = pn_public_bytes(compiler, &bytes);
        status = text ? POSTERN_OK : POSTERN_E_NOMEM;
    }
    pn_buffer_free(&bytes);
    pn_diags_clear(&diags);
    if (status == POSTERN_OK)
        *out = text;
    return status;
}

enum postern_status
postern_format(struct postern_compiler *compiler, const char *name, const void *text,
               size_t size, struct postern_text **out,
               struct postern_report **report_out)
{
    struct pn_source source;
    struct pn_call call;
    enum postern_status status;

    if (!compiler || !name || !out || (!text && size))
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, compiler);
    if (status != POSTERN_OK)
        return status;
    errno = EFBIG;
    if (size > PN_SOURCE_SIZE_MAX)
        status = POSTERN_E_IO;
    else if (!pn_source_from_text(&source, name,
                                  (struct pn_str){ text ? text : "", size }))
        status = POSTERN_E_NOMEM;
    if (status == POSTERN_OK) {
        status = lay_out(compiler, &source, out, report_out);
        pn_source_clear(&source);
    }
    return pn_call_end(&call, status);
}
