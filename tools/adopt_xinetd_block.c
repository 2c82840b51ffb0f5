/* The last line of an attribute counts; that of the block before that of the defaults.
 */
#include "tools/adopt_xinetd_block.h"

#include "interop/import.h"

struct pn_str
pn_xinetd_value(const struct pn_xinetd_block *service,
                const struct pn_xinetd_block *defaults, const char *name)
{
    struct pn_str value = { "", 0 };

    for (size_t i = 0; i < defaults->count; i++)
        if (pn_str_is(defaults->items[i].name, name))
            value = defaults->items[i].value;
    for (size_t i = 0; i < service->count; i++)
        if (pn_str_is(service->items[i].name, name))
            value = service->items[i].value;
    return value;
}

bool
pn_xinetd_has(const struct pn_xinetd_block *block, const char *name, const char *word)
{
    for (size_t i = 0; i < block->count; i++) {
        struct pn_str rest = block->items[i].value, value;

        if (!pn_str_is(block->items[i].name, name))
            continue;
        while ((value = pn_import_word(&rest)).len)
            if (pn_import_is(value, word))
                return true;
    }
    return false;
}
