/* Which sets of a file are meant. */
#include "interop/sets.h"

enum pn_set_answer
pn_set_ask(struct pn_sets_meant *meant, struct pn_import *import, size_t line,
           struct pn_str name, uint8_t family)
{
    bool *has = &meant->has[pn_family_index(family)];

    if (import->wants.name && !pn_str_is(name, import->wants.name))
        return PN_SET_OTHER;
    if (*has && !import->wants.name) {
        pn_import_error(import, 0, line,
                        "a second set of IPv%u, \"%.*s\": --name says which is meant",
                        family, (int)(name.len < 80 ? name.len : 80), name.ptr);
        return PN_SET_OTHER;
    }
    *has = meant->any = true;
    return PN_SET_MEANT;
}

void
pn_sets_end(const struct pn_sets_meant *meant, struct pn_import *import)
{
    if (meant->any || import->has_errors)
        return;
    if (import->wants.name)
        pn_import_error(import, 0, 0, "no set \"%s\" is in it", import->wants.name);
    else
        pn_import_error(import, 0, 0, "no set is in it");
}
