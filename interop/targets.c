/* The table of targets. */
#include "interop/targets.h"

#include <string.h>

#include "base/sizes.h"

enum { NAME_MOST = 24 };

const struct pn_target pn_targets[] = {
#define X(id, name, says, summary) { name, summary, says, pn_target_write_##id },
#include "interop/targets.def"
#undef X
};

const size_t pn_target_count = PN_COUNT_OF(pn_targets);

const struct pn_target *
pn_target_find(const char *name)
{
    for (size_t i = 0; i < pn_target_count; i++)
        if (strcmp(pn_targets[i].name, name) == 0)
            return &pn_targets[i];
    return NULL;
}

bool
pn_target_name_is_fine(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char all[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t size = strlen(name);

    return size && size <= NAME_MOST && strchr(letters, name[0]) &&
           strspn(name, all) == size;
}
