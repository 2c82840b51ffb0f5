/* The tool propose of postern mcp: what analysis/proposals.c finds, in JSON. */
#include "tools/propose.h"

#include <string.h>

#include "analysis/proposals.h"
#include "base/sizes.h"
#include "tools/input/rules_file.h"
#include "tools/policy_size.h"
#include "tools/render/blocks.h"
#include "tools/render/changes.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

struct propose_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *wish;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    { "wish", 0, PN_OPTION_TEXT, offsetof(struct propose_config, wish), "CLAIMS", NULL,
      "a file of expectations that are to hold" },
};

static const struct pn_option_table options = { rows, PN_COUNT_OF(rows) };

/* The one span in which a text is another one than before, by bytes. */
static void
edit_json(struct pn_output *out, struct pn_str old, struct pn_str new)
{
    size_t front = 0, end = 0, most = old.len < new.len ? old.len : new.len;
    size_t line = 1;

    while (front < most && old.ptr[front] == new.ptr[front])
        front++;
    while (front &&
           old.ptr[front - 1] != '\n') /* whole lines: a person reads it, too */
        front--;
    while (end < most - front &&
           old.ptr[old.len - end - 1] == new.ptr[new.len - end - 1])
        end++;
    while (end && old.len - end > front && old.ptr[old.len - end - 1] != '\n')
        end--;
    for (size_t i = 0; i < front; i++)
        line += old.ptr[i] == '\n';
    pn_output_format(
        out, ", \"line\": %zu, \"offset\": %zu, \"length\": %zu, \"text\": ", line,
        front, old.len - end - front);
    pn_json_string(out, new.ptr + front, new.len - end - front);
}

static void
proposal_json(struct pn_output *out, const struct pn_source *source,
              const struct pn_proposal *proposal)
{
    pn_output_text(out, "{\"edits\": [");
    for (size_t i = 0; i < proposal->steps; i++) {
        pn_output_text(out, i ? ", " : "");
        pn_json_string(out, proposal->says[i].bytes, proposal->says[i].size);
    }
    pn_output_text(out, "]");
    edit_json(out, (struct pn_str){ source->text, source->size },
              (struct pn_str){ proposal->text.bytes, proposal->text.size - 1 });
    pn_output_format(out, ", \"breaks\": %zu, \"result\": \"%s\", \"count\": \"",
                     proposal->broken, pn_direction_names[proposal->changes.direction]);
    pn_number_text(out, proposal->size, "");
    pn_output_text(out, "\", \"regions\": [");
    for (size_t i = 0; i < proposal->changes.blocks.count; i++) {
        static const char *const effects[] = { "loses", "gains", "other" };
        const struct pn_block *block = &proposal->changes.blocks.items[i];

        pn_output_text(out, i ? ", {" : "{");
        pn_block_json(out, &proposal->changes.blocks, block);
        pn_output_format(out, ", \"effect\": \"%s\"}",
                         effects[pn_change_effect(&proposal->changes, block)]);
    }
    pn_output_text(out, "]}");
}

static int
proposals_show(struct pn_tool *tool, const struct pn_proposals *found)
{
    pn_output_format(&tool->out, "{\"schema\": 1, \"holds\": %s, \"proposals\": [",
                     found->holds ? "true" : "false");
    for (size_t i = 0; i < found->count; i++) {
        pn_output_text(&tool->out, i ? ", " : "");
        proposal_json(&tool->out, found->source, &found->items[i]);
    }
    pn_output_text(&tool->out, "]}\n");
    return found->holds || found->count ? PN_EXIT_OK : PN_EXIT_FINDINGS;
}

static int
propose(struct pn_tool *tool, const struct propose_config *config,
        const struct pn_source *source)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_proposals found = {
        .source = source, .wish = config->wish, .diags = &diags, .work = &tool->work
    };
    int status = PN_EXIT_USAGE;

    switch (pn_proposals_find(&found)) {
    case PN_PROPOSALS_DONE:
        status = proposals_show(tool, &found);
        break;
    case PN_PROPOSALS_REFUSED:
        pn_json_findings(&tool->out, &diags);
        break;
    case PN_PROPOSALS_ALWAYS:
        (void)pn_tool_failf(tool, status,
                            "a wish is made of expectations, expect CLIENT : allow or "
                            "deny, perhaps with variables");
        break;
    case PN_PROPOSALS_FAILED:
        if (found.before.rules)
            pn_policy_size_add(&tool->size, &found.before.decoded);
        status = pn_tool_fail_memory(tool, source->name);
        break;
    }
    pn_proposals_clear(&found);
    pn_diags_clear(&diags);
    return status;
}

static int
run(struct pn_tool *tool, int argc, char **argv)
{
    struct propose_config config = { 0 };
    struct pn_source source = { 0 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1 || !config.wish)
        return pn_tool_usage(tool, "a FILE and its wish are wanted");
    status =
        pn_source_open(tool, argv[0], " is compiled: edits are of a source", &source);
    if (status == PN_EXIT_OK && !pn_source_index(&source))
        status = pn_tool_fail_memory(tool, argv[0]);
    if (status == PN_EXIT_OK)
        status = propose(tool, &config, &source);
    pn_source_clear(&source);
    return status;
}

const struct pn_verb pn_verb_propose = { "propose", "FILE --wish=CLAIMS",
                                         "Propose edits that fulfil a wish.", &options,
                                         run };
