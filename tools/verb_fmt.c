/* postern fmt: gives rule files their one layout. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/format.h"
#include "base/side_by_side.h"
#include "base/sizes.h"
#include "tools/input/drafts.h"
#include "tools/input/folders.h"
#include "tools/input/rules_file.h"
#include "tools/verbs.h"

struct fmt_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool check;
};

static const struct pn_option rows[] = {
    PN_TEXT_OPTIONS,
    PN_ROOT_OPTION,
    { "check", 0, PN_OPTION_FLAG, offsetof(struct fmt_config, check), NULL, NULL,
      "write nothing: show what would change, 1 if anything" },
};

const struct pn_option_table pn_options_fmt = { rows, PN_COUNT_OF(rows) };

struct fmt_run {
    struct pn_tool *tool;
    const struct fmt_config *config;
    size_t changed;
};

static int
result_status(struct fmt_run *run, enum pn_format_result result, const char *name)
{
    switch (result) {
    case PN_FORMAT_OK:
        return PN_EXIT_OK;
    case PN_FORMAT_REFUSED:
        return PN_EXIT_USAGE;
    case PN_FORMAT_MEMORY:
        return pn_tool_fail_memory(run->tool, name);
    case PN_FORMAT_MISMATCH:
        break;
    }
    return pn_tool_fail_of(
        run->tool, PN_EXIT_SYSTEM, name,
        "its layout would have changed what it says; it is as it was");
}

/* Standard input is answered on standard output, changed or not. */
static int
draft_deliver(struct fmt_run *run, struct pn_draft *draft)
{
    struct pn_drafts drafts = { .items = draft, .count = 1, .capacity = 1 };
    const struct pn_style style =
        pn_tool_style(run->tool, &run->config->common, &run->tool->out);
    bool changed = pn_draft_is_changed(draft);

    run->changed += changed;
    if (run->config->check)
        pn_drafts_diff(&run->tool->out, &style, &drafts);
    else if (strcmp(draft->path, "-") == 0)
        pn_output_add(&run->tool->out, draft->text.bytes, draft->text.size);
    else
        return pn_drafts_write(run->tool, &drafts);
    return PN_EXIT_OK;
}

/* One half of the work, on its own. */
struct half {
    const struct pn_source *source;
    struct pn_diags *diags;   /* of the one that parses */
    struct pn_buffer *layout; /* of the other */
    struct pn_format_half done;
};

static void
half_do(void *payload)
{
    struct half *half = payload;

    half->done = half->diags ? pn_format_parse(half->source, half->diags)
                             : pn_format_layout(half->source, half->layout);
}

static int
format_source(struct fmt_run *run, const struct pn_source *source, char *name)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_draft draft = { .path = name };
    struct half halves[] = { { .source = source, .diags = &diags },
                             { .source = source, .layout = &draft.text } };
    int status;

    pn_side_by_side(half_do, halves, sizeof(*halves), PN_COUNT_OF(halves));
    status = result_status(run, pn_format_both(halves[0].done, halves[1].done), name);
    pn_tool_diagnostics(run->tool, &run->config->common, &diags);
    pn_diags_clear(&diags);
    draft.before = (struct pn_buffer){ .bytes = source->text, .size = source->size };
    if (status == PN_EXIT_OK)
        status = draft_deliver(run, &draft);
    pn_buffer_free(&draft.text);
    return status;
}

static int
format_file(struct fmt_run *run, char *name)
{
    struct pn_source source;
    int status = pn_source_open(run->tool, name,
                                ": is compiled: there is no layout to it", &source);

    if (status != PN_EXIT_OK)
        return status;
    status = format_source(run, &source, name);
    pn_source_clear(&source);
    return status;
}

/* Was a file formatted before, by another name? */
static bool
is_again(struct pn_intern *known, const char *name)
{
    char *place = pn_drafts_place(name);
    size_t before = known->count;
    uint32_t number;
    bool again = place && pn_intern_add(known, place, strlen(place), &number) &&
                 known->count == before;

    free(place);
    return again;
}

int
pn_verb_fmt(struct pn_tool *tool, int argc, char **argv)
{
    struct fmt_config config = { 0 };
    struct fmt_run run = { .tool = tool, .config = &config };
    struct pn_intern known = { 0 };
    struct pn_operands files;
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (!operands)
        return pn_tool_usage(tool, "a FILE is wanted");
    status = pn_operands_make(&files, tool, operands, argv, PN_OPERANDS_FILES);
    for (size_t i = 0; i < files.count; i++) {
        char *name = files.names[i];
        int worst = is_again(&known, name) ? PN_EXIT_OK : format_file(&run, name);

        status = worst > status ? worst : status;
    }
    pn_operands_clear(&files);
    pn_intern_clear(&known);
    return status == PN_EXIT_OK && config.check && run.changed ? PN_EXIT_FINDINGS
                                                               : status;
}
