/* Old and new, as files and as what is true of every query. */
#include "tools/rules_pair.h"

#include <string.h>

#include "tools/rules_reach.h"

int
pn_rules_pair_open(struct pn_rules_pair *out, struct pn_tool *tool,
                   const struct pn_common *common, char *const names[2])
{
    int status = PN_EXIT_OK;

    *out = (struct pn_rules_pair){ 0 };
    out->files[0].image = out->files[1].image = -1;
    if (strcmp(names[0], "-") == 0 && strcmp(names[1], "-") == 0)
        return pn_tool_usage(tool, "standard input can be one of both only");
    for (size_t i = 0; i < 2 && status == PN_EXIT_OK; i++) {
        status = pn_rules_file_open(&out->files[i], tool, common, names[i]);
        if (status == PN_EXIT_OK)
            status = pn_rules_file_reach(&out->files[i], tool, &out->lifted[i]);
        out->sides[i] = (struct pn_side){ out->files[i].rules, &out->lifted[i],
                                          pn_rules_file_statement, &out->files[i] };
    }
    return status;
}

void
pn_rules_pair_close(struct pn_rules_pair *pair)
{
    for (size_t i = 0; i < 2; i++) {
        pn_lifted_clear(&pair->lifted[i]);
        pn_rules_file_close(&pair->files[i]);
    }
}
