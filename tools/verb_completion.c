/* postern completion: what a shell needs to complete verbs and options. */
#include <string.h>

#include "base/nearest.h"
#include "base/sizes.h"
#include "tools/completion.h"
#include "tools/tool.h"
#include "tools/verbs.h"

static const struct pn_option rows[] = { PN_TEXT_OPTIONS };

const struct pn_option_table pn_options_completion = { rows, PN_COUNT_OF(rows) };

static const struct {
    const char *name;
    void (*write)(struct pn_output *out);
} shells[] = { { "bash", pn_completion_bash },
               { "zsh", pn_completion_zsh },
               { "fish", pn_completion_fish } };

int
pn_verb_completion(struct pn_tool *tool, int argc, char **argv)
{
    struct pn_common common = { 0 };
    struct pn_nearest nearest;
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &common, &operands, &status))
        return status;
    if (operands != 1)
        return pn_tool_usage(tool, "bash, zsh or fish is wanted");
    pn_nearest_begin(&nearest, pn_str_of_text(argv[0]));
    for (size_t i = 0; i < PN_COUNT_OF(shells); i++) {
        if (strcmp(argv[0], shells[i].name) == 0) {
            shells[i].write(&tool->out);
            return PN_EXIT_OK;
        }
        pn_nearest_offer(&nearest, pn_str_of_text(shells[i].name));
    }
    return pn_tool_fail_unknown(tool, pn_str_of_text(argv[0]),
                                "one of bash, zsh and fish is wanted",
                                nearest.best.ptr);
}
