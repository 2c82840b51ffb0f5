/* postern minimize: a smaller source that decides alike, by the linter's safe fixes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sizes.h"
#include "tools/dump_text.h"
#include "tools/lint_fix.h"
#include "tools/verbs.h"

struct minimize_config {
    struct pn_common common; /* first: see pn_tool_options() */
};

static const struct pn_option rows[] = { PN_TEXT_OPTIONS, PN_ROOT_OPTION };

const struct pn_option_table pn_options_minimize = { rows, PN_COUNT_OF(rows) };

static const char *const no_names[] = { NULL };

/* Applies fixes in rounds until none is left. */
static int
fixes_make(struct pn_tool *tool, const struct pn_common *common, const char *name,
           struct pn_drafts *drafts)
{
    const struct pn_lint_options options = { .privileged = no_names };
    bool on[PN_CHECK_NONE] = { false };
    int status = PN_EXIT_OK;
    size_t applied = 1;

    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++)
        on[c] = pn_check_info[c].removes != PN_REMOVES_NO;
    while (status == PN_EXIT_OK && applied) {
        struct pn_fix_operand operand = { .name = name, .options = &options, .on = on };
        struct pn_fixing fixing = { .tool = tool,
                                    .common = common,
                                    .operands = &operand,
                                    .count = 1,
                                    .root_only = true };

        status = pn_fix_run(&fixing, drafts);
        applied = fixing.applied;
        pn_fix_operand_clear(&operand);
        pn_fixing_clear(&fixing);
    }
    return status;
}

/* The text to begin with: the source itself, or what a compiled file is dumped to. */
static int
text_get(struct pn_tool *tool, struct pn_rules_file *file, struct pn_drafts *drafts)
{
    struct pn_source source = { .name = file->name };
    struct pn_buffer text = { 0 };
    int status = PN_EXIT_OK;

    if (file->source.text) {
        source.text = file->source.text;
        source.size = file->source.size;
    } else {
        status = pn_dump_text(file, tool, &text);
        source.text = text.bytes;
        source.size = text.size;
    }
    if (status == PN_EXIT_OK && !pn_drafts_get(drafts, &source)) {
        status = pn_tool_fail_memory(tool, file->name);
    }
    pn_buffer_free(&text);
    return status;
}

int
pn_verb_minimize(struct pn_tool *tool, int argc, char **argv)
{
    struct minimize_config config = { 0 };
    struct pn_rules_file file = { .image = -1 };
    struct pn_drafts drafts = { 0 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1)
        return pn_tool_usage(tool, "one FILE is wanted");
    status = pn_rules_file_open(&file, tool, &config.common, argv[0]);
    if (status == PN_EXIT_OK)
        status = text_get(tool, &file, &drafts);
    if (status == PN_EXIT_OK)
        status = fixes_make(tool, &config.common, file.name, &drafts);
    if (status == PN_EXIT_OK) {
        const struct pn_draft *d = &drafts.items[0];
        const struct pn_buffer *text =
            d->text.size <= d->before.size ? &d->text : &d->before;

        pn_output_add(&tool->out, text->bytes, text->size);
    }
    pn_drafts_clear(&drafts);
    pn_rules_file_close(&file);
    return status;
}
