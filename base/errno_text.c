/* The table of errors, as observed of ucspi-tcp 0.88. */
#include "base/errno_text.h"

#include <errno.h>
#include <stddef.h>

#include "base/sizes.h"

const char *
pn_errno_text(int error)
{
    static const struct {
        int error;
        const char *text;
    } rows[] = {
        { 0, "no error" },
#define X(error, text) { error, text },
#include "base/errno_text.def"
#undef X
    };

    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        if (rows[i].error == error)
            return rows[i].text;
    return "unknown error";
}
