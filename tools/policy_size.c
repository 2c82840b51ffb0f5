/* The counts of an image, and advice by verb. */
#include "tools/policy_size.h"

#include <string.h>

#include "base/buffer.h"
#include "base/sizes.h"
#include "compiler/image_decode.h"

static const struct {
    const char *verb, *less;
} advice[] = {
    { "check",
      "a smaller prefix, less that is unknown, or fewer of them make it less" },
    { "diff", "--assume no-host or --assume no-ident leaves a side of it out" },
    { "map", "--prefix asks for a part of it, and --order for fewer cells" },
    { "merge", "rules in several files, merged one by one, make it less" },
    { "test", "fewer of them in a file make it less" },
    { "who", "check of a prefix asks for a part of it" },
};

const char *
pn_policy_size_advice(const char *verb)
{
    for (size_t i = 0; i < PN_COUNT_OF(advice); i++)
        if (strcmp(advice[i].verb, verb) == 0)
            return advice[i].less;
    return "fewer of them in a file make it less";
}

void
pn_policy_size_add(struct pn_policy_size *size, const struct pn_decoded *decoded)
{
    const struct pn_decoded_group *all;

    if (!decoded->group_count) /* there is no image */
        return;
    all = &decoded->groups[PN_GROUP_NO_IDENT];
    size->ranges += all->pieces[PN_V4]->count;
    for (unsigned z = 0; z < decoded->zones.count; z++)
        size->ranges += all->pieces[PN_V6][z].count;
    size->hosts += decoded->names.count;
    size->idents += decoded->idents.count;
}

void
pn_policy_size_write(const struct pn_policy_size *size, const char *verb,
                     struct pn_buffer *out)
{
    const struct {
        size_t count;
        const char *what;
    } rows[] = { { size->ranges, "ranges of addresses" },
                 { size->hosts, "hosts and suffixes" },
                 { size->idents, "idents" } };
    bool any = false;

    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        if (!rows[i].count)
            continue;
        pn_buffer_add_format(out, "%s%zu %s", any ? " by " : "", rows[i].count,
                             rows[i].what);
        any = true;
    }
    pn_buffer_add_text(out, any ? "; " : "");
    pn_buffer_add_text(out, pn_policy_size_advice(verb));
}
