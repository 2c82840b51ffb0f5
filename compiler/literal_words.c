/* Words in the place of a target. */
#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/literal.h"

bool
pn_literal_anything(struct pn_str word)
{
    static const char *const words[] = { "all",      "any",       "anyone", "anywhere",
                                         "everyone", "everybody", "world",  "default" };
    char lower[16];

    if (word.len >= sizeof(lower))
        return false;
    for (size_t i = 0; i < word.len; i++)
        lower[i] = pn_lower(word.ptr[i]);
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_str_is((struct pn_str){ lower, word.len }, words[i]))
            return true;
    return pn_str_is(word, "0/0");
}
