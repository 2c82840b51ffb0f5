/* check of a prefix, or with something unknown: every outcome, and its clients. */
#include <stdlib.h>
#include <string.h>

#include "compiler/outcomes.h"
#include "tools/check.h"
#include "tools/input/targets.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"

bool
pn_check_is_prefix(const char *text)
{
    size_t len = strlen(text);

    return strchr(text, '/') || strchr(text, '-') || (len && text[len - 1] == '.');
}

static void
block_text(struct pn_check *check, const struct pn_blocks *blocks,
           const struct pn_block *block, const struct pn_answer *answer)
{
    struct pn_output *out = &check->tool->out;
    const struct pn_style style = pn_tool_style(check->tool, &check->common, out);
    size_t column;
    struct postern_query witness = pn_block_witness(blocks, block);

    pn_output_text(out, "\n");
    column = pn_verdict_paint(out, &style, answer->decision.verdict);
    pn_output_text(out, ", ");
    pn_block_text(out, &style, blocks, block, "  ", column + 2);
    pn_answer_details(out, answer, "  ");
    pn_output_text(out, "  one of them: ");
    pn_query_text(out, &witness);
    pn_output_text(out, "\n");
}

static void
block_json(struct pn_check *check, const struct pn_blocks *blocks,
           const struct pn_block *block, const struct pn_answer *answer)
{
    struct pn_output *out = &check->tool->out;

    pn_output_text(out, "{");
    pn_block_json(out, blocks, block);
    pn_output_text(out, ", \"decision\": ");
    pn_answer_json(out, answer);
    pn_output_text(out, "}");
}

static int
blocks_show(struct pn_check *check, const char *addresses,
            const struct pn_blocks *blocks)
{
    struct pn_output *out = &check->tool->out;
    bool json = check->common.format == PN_FORMAT_JSON;
    int result = PN_EXIT_OK;

    if (json)
        pn_output_format(out, "{\"schema\": 1, \"outcomes\": [");
    else
        pn_output_format(out, "%s: %zu outcome%s\n", addresses, blocks->count,
                         blocks->count == 1 ? "" : "s");
    for (size_t i = 0; i < blocks->count; i++) {
        struct postern_query witness = pn_block_witness(blocks, &blocks->items[i]);
        struct pn_answer answer;
        enum postern_status status =
            pn_rules_file_decide(&check->file, &witness, NULL, NULL, &answer);

        if (status != POSTERN_OK)
            return pn_check_fail(check, status);
        if (json)
            pn_output_text(out, i ? ", " : "");
        (json ? block_json : block_text)(check, blocks, &blocks->items[i], &answer);
        if (pn_check_verdict(check, &answer) != PN_EXIT_OK)
            result = PN_EXIT_FINDINGS;
    }
    if (json)
        pn_output_text(out, "]}\n");
    return result;
}

static enum pn_ask
asked(bool unknown, struct postern_str given)
{
    if (unknown)
        return PN_ASK_ALL;
    return given.ptr ? PN_ASK_GIVEN : PN_ASK_NONE;
}

int
pn_check_partition(struct pn_check *check, const char *addresses,
                   const struct postern_query *query)
{
    struct pn_extent extent;
    struct pn_interval range;
    struct pn_address_set within = { 0 };
    struct pn_decoded decoded = { 0 };
    struct pn_outcomes outcomes = { .rules = check->file.rules };
    struct pn_regions regions = {
        .sides = { { check->file.rules, &decoded, pn_outcome_of, &outcomes } },
        .side_count = 1,
        .within = &within,
        .host = asked(check->unknown_host, query->host),
        .ident = asked(check->unknown_ident, query->ident),
        .given_host = { query->host.ptr, query->host.len },
        .given_ident = { query->ident.ptr, query->ident.len },
        .work = &check->tool->work,
    };
    struct pn_blocks blocks = { 0 };
    int status;

    if (!pn_extent_read(addresses, &extent))
        return pn_tool_failf(check->tool, PN_EXIT_USAGE,
                             "\"%s\" is no address, prefix or range", addresses);
    range = (struct pn_interval){ extent.first, extent.last };
    within.families[pn_family_index(extent.family)] =
        (struct pn_intervals){ .items = &range, .count = 1 };
    status = pn_rules_file_decode(&check->file, check->tool, &decoded);
    if (status == PN_EXIT_OK) {
        enum postern_status collected = pn_blocks_collect(&blocks, &regions);

        if (outcomes.failed)
            collected = POSTERN_E_NOMEM;
        status = collected == POSTERN_OK ? blocks_show(check, addresses, &blocks)
                                         : pn_check_fail(check, collected);
    }
    pn_blocks_clear(&blocks);
    pn_regions_clear(&regions);
    pn_outcomes_clear(&outcomes);
    pn_decoded_clear(&decoded);
    return status;
}
