/* A count that is none is not spoken of. */
#include "tools/too_much.h"

#include <string.h>

#include "base/sizes.h"

static const struct {
    const char *verb, *less;
} advice[] = {
    { "check",
      "a smaller prefix, less that is unknown, or fewer of them make it less" },
    { "diff", "--assume no-host or --assume no-ident leaves a side of it out" },
    { "merge", "rules in several files, merged one by one, make it less" },
    { "test", "fewer of them in a file make it less" },
    { "who", "check of a prefix asks for a part of it" },
};

static const char *
less_of(const struct pn_tool *tool)
{
    for (size_t i = 0; i < PN_COUNT_OF(advice); i++)
        if (strcmp(advice[i].verb, tool->verb->name) == 0)
            return advice[i].less;
    return "fewer of them in a file make it less";
}

void
pn_too_much_note(struct pn_tool *tool, const struct pn_decoded *decoded)
{
    const struct pn_decoded_group *all;

    if (!decoded->group_count) /* there is no image */
        return;
    all = &decoded->groups[PN_GROUP_NO_IDENT];
    tool->ranges += all->v4.count;
    for (unsigned z = 0; z < decoded->zones.count; z++)
        tool->ranges += all->v6[z].count;
    tool->hosts += decoded->names.count;
    tool->idents += decoded->idents.count;
}

int
pn_too_much_tell(struct pn_tool *tool)
{
    const struct {
        size_t count;
        const char *what;
    } rows[] = { { tool->ranges, "ranges of addresses" },
                 { tool->hosts, "hosts and suffixes" },
                 { tool->idents, "idents" } };
    struct pn_buffer why = { 0 };
    bool any = false;
    int status;

    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        if (!rows[i].count)
            continue;
        pn_buffer_add_format(&why, "%s%zu %s", any ? " by " : "", rows[i].count,
                             rows[i].what);
        any = true;
    }
    pn_buffer_add_text(&why, any ? "; " : "");
    pn_buffer_add_text(&why, less_of(tool));
    pn_buffer_add(&why, "", 1);
    status =
        pn_tool_too_much(tool, tool->common, why.failed ? less_of(tool) : why.bytes);
    pn_buffer_free(&why);
    return status;
}
