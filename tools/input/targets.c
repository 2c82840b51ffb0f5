/* The literals of the language, taken from arguments. */
#include "tools/input/targets.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

/* The addresses of a target as one range; false when it has none. */
static bool
extent_of(const struct pn_target *target, struct pn_extent *out)
{
    pn_number below;

    if (target->kind > PN_TARGET_RANGE || target->has_ident)
        return false;
    below = target->kind == PN_TARGET_PREFIXES
                ? pn_host_mask(target->family, target->length)
                : 0;
    *out =
        (struct pn_extent){ target->first,
                            target->first + (target->count - 1) * (below + 1) + below,
                            target->family, 0 };
    if (target->kind == PN_TARGET_RANGE)
        out->last = target->last;
    return true;
}

bool
pn_extent_read(const char *text, struct pn_extent *out)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;
    bool good = pn_literal_target((struct pn_str){ text, strlen(text) }, &scratch,
                                  &target) == PN_DIAG_NONE &&
                extent_of(&target, out);

    pn_buffer_free(&scratch);
    return good;
}
