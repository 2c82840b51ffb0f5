/* A count that is none is not spoken of. */
#include "tools/too_much.h"

#include "base/sizes.h"

void
pn_too_much_add(struct pn_too_much *much, const struct pn_lifted *lifted)
{
    const struct pn_lifted_group *all = &lifted->groups[PN_GROUP_NO_IDENT];

    much->ranges += all->v4.count;
    for (unsigned z = 0; z < lifted->zones.count; z++)
        much->ranges += all->v6[z].count;
    much->hosts += lifted->names.count;
    much->idents += lifted->idents.count;
}

int
pn_too_much_tell(struct pn_tool *tool, const struct pn_common *common,
                 const struct pn_too_much *much, const char *less)
{
    const struct {
        size_t count;
        const char *what;
    } rows[] = { { much->ranges, "ranges of addresses" },
                 { much->hosts, "hosts and suffixes" },
                 { much->idents, "idents" } };
    struct pn_buffer why = { 0 };
    bool any = false;
    int status;

    pn_buffer_add_format(&why, "%s: ", much->name);
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        if (!rows[i].count)
            continue;
        pn_buffer_add_format(&why, "%s%zu %s", any ? " by " : "", rows[i].count,
                             rows[i].what);
        any = true;
    }
    pn_buffer_add_format(&why, "%s%s", any ? "; " : "", less);
    pn_buffer_add(&why, "", 1);
    status = pn_tool_too_much(tool, common, why.failed ? less : why.bytes);
    pn_buffer_free(&why);
    return status;
}
