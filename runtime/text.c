/* Statuses, steps and the version in words. */
#include "postern/types.h"

const char *
postern_status_text(enum postern_status status)
{
    switch (status) {
    case POSTERN_OK:
        return "fine";
    case POSTERN_E_ARG:
        return "an argument that cannot be used";
    case POSTERN_E_NOMEM:
        return "out of memory";
    case POSTERN_E_IO:
        return "the system refused";
    case POSTERN_E_FORMAT:
        return "not a compiled rule file, or a damaged one";
    case POSTERN_E_BUSY:
        return "the file kept changing while it was read";
    case POSTERN_E_VERSION:
        return "this file needs a newer postern";
    case POSTERN_E_REFUSED:
        return "the source has errors";
    case POSTERN_E_LIMIT:
        return "more memory or work than is allowed";
    case POSTERN_E_CANCELLED:
        return "cancelled";
    }
    return "an unknown status";
}

const char *
postern_step_text(enum postern_step step)
{
    static const char *const names[] = {
        [POSTERN_STEP_BLOCK] = "block",     [POSTERN_STEP_ADDRESS] = "address",
        [POSTERN_STEP_HOST] = "host",       [POSTERN_STEP_PREFIX] = "prefix",
        [POSTERN_STEP_SUFFIX] = "suffix",   [POSTERN_STEP_ANY_HOST] = "any-host",
        [POSTERN_STEP_DEFAULT] = "default", [POSTERN_STEP_NONE] = "none",
    };

    if ((unsigned)step >= sizeof(names) / sizeof(names[0]))
        return "unknown";
    return names[step];
}

const char *
postern_version(void)
{
    return POSTERN_VERSION;
}
