/* postern who: everyone who gets a variable, or a verdict. */
#include <stdlib.h>
#include <string.h>

#include "analysis/blocks.h"
#include "base/nearest.h"
#include "base/sizes.h"
#include "tools/input/rules_file.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/printed.h"
#include "tools/verbs.h"

struct who_config {
    struct pn_common common; /* first: see pn_tool_options() */
    int verdict;             /* enum postern_verdict; -1: a variable is asked for */
};

static const char *const verdict_choices[] = { "deny", "allow", NULL }; /* by verdict */

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "verdict", 0, PN_OPTION_CHOICE, offsetof(struct who_config, verdict), "VERDICT",
      verdict_choices, "whom it is allow or deny for" },
};

const struct pn_option_table pn_options_who = { rows, PN_COUNT_OF(rows) };

/* What is asked for, and of which rules. */
struct question {
    const struct postern_rules *rules;
    int verdict;
    struct pn_str name, value; /* value.ptr NULL: any */
    struct pn_nearest nearest; /* of the variables that rules set, to the name */
    bool failed;               /* a damaged image */
};

/* Does a decision set the variable to what is asked for? The last assignment counts. */
static bool
sets(struct question *q, const struct postern_decision *decision)
{
    struct postern_env_iter iter = decision->env;
    struct postern_env env;
    bool found = false;

    if (decision->verdict != POSTERN_ALLOW)
        return false;
    while (postern_env_next(&iter, &env)) {
        pn_nearest_offer(&q->nearest, (struct pn_str){ env.name.ptr, env.name.len });
        if (!env.value.ptr || env.name.len != q->name.len ||
            memcmp(env.name.ptr, q->name.ptr, q->name.len) != 0)
            continue;
        found =
            !q->value.ptr || (env.value.len == q->value.len &&
                              memcmp(env.value.ptr, q->value.ptr, q->value.len) == 0);
    }
    return found;
}

/* 1 for the rules that are asked for. */
static uint32_t
class_of(void *payload, uint32_t rule)
{
    struct question *q = payload;
    struct postern_decision decision = POSTERN_DECISION_INIT;

    if (rule == POSTERN_RULE_NONE)
        decision.verdict = POSTERN_ALLOW;
    else if (postern_rules_outcome(q->rules, rule, &decision) != POSTERN_OK)
        q->failed = true;
    return q->verdict >= 0 ? decision.verdict == q->verdict : sets(q, &decision);
}

static void
block_show(struct pn_output *out, const struct pn_style *style,
           const struct pn_blocks *blocks, const struct pn_block *block, bool json)
{
    struct postern_query witness = pn_block_witness(blocks, block);

    if (json) {
        pn_output_text(out, "{");
        pn_block_json(out, blocks, block);
        pn_output_text(out, "}");
        return;
    }
    pn_block_text(out, style, blocks, block, "  ", 0);
    pn_output_text(out, "  one of them: ");
    pn_query_text(out, &witness);
    pn_output_text(out, "\n");
}

static int
blocks_show(struct pn_tool *tool, const struct who_config *config,
            const struct pn_blocks *blocks)
{
    const struct pn_style style = pn_tool_style(tool, &config->common, &tool->out);
    bool json = config->common.format == PN_FORMAT_JSON, any = false;

    if (json)
        pn_output_text(&tool->out, "{\"schema\": 1, \"regions\": [");
    for (size_t i = 0; i < blocks->count; i++) {
        if (!blocks->items[i].class)
            continue;
        pn_output_text(&tool->out, !any ? "" : json ? ", " : "\n");
        block_show(&tool->out, &style, blocks, &blocks->items[i], json);
        any = true;
    }
    if (json)
        pn_output_text(&tool->out, "]}\n");
    else if (!any)
        pn_output_text(&tool->out, "nobody\n");
    return PN_EXIT_OK;
}

/* That no rule sets it is worth a word: who asks may have another name in mind. */
static void
name_note(struct pn_tool *tool, const struct question *question)
{
    const struct pn_nearest *nearest = &question->nearest;
    struct pn_output *err = &tool->err;
    bool verdict =
        pn_str_is(question->name, "allow") || pn_str_is(question->name, "deny");

    if (question->verdict >= 0 ||
        (nearest->best.ptr && pn_str_equal(nearest->best, question->name)))
        return;
    pn_output_text(err, "postern who: note: no rule sets ");
    pn_render_bytes(err, question->name);
    if (verdict || nearest->best.ptr)
        pn_output_text(err, "; did you mean ");
    if (verdict)
        pn_output_text(err, "--verdict ");
    if (verdict || nearest->best.ptr) {
        pn_render_bytes(err, verdict ? question->name : nearest->best);
        pn_output_text(err, "?");
    }
    pn_output_text(err, "\n");
}

static int
who(struct pn_tool *tool, const struct who_config *config, struct pn_rules_file *file,
    struct question *question)
{
    struct pn_decoded decoded = { 0 };
    struct pn_blocks blocks = { 0 };
    struct pn_regions regions = {
        .sides = { { file->rules, &decoded, class_of, question } },
        .side_count = 1,
        .host = PN_ASK_ALL,
        .ident = PN_ASK_ALL,
        .prefer_global = true,
        .work = &tool->work,
    };
    int status = pn_rules_file_decode(file, tool, &decoded);

    question->rules = file->rules;
    pn_nearest_begin(&question->nearest, question->name);
    if (status == PN_EXIT_OK) {
        enum postern_status collected = pn_blocks_collect(&blocks, &regions);

        if (question->failed)
            collected = POSTERN_E_FORMAT;
        if (collected == POSTERN_OK)
            status = blocks_show(tool, config, &blocks);
        if (collected == POSTERN_OK)
            name_note(tool, question);
        else
            status = pn_tool_fail_status(tool, file->name, collected);
    }
    pn_blocks_clear(&blocks);
    pn_regions_clear(&regions);
    pn_decoded_clear(&decoded);
    return status;
}

int
pn_verb_who(struct pn_tool *tool, int argc, char **argv)
{
    struct who_config config = { .verdict = -1 };
    struct question question = { 0 };
    struct pn_rules_file file = { .image = -1 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != (config.verdict < 0 ? 2 : 1))
        return pn_tool_usage(tool, config.verdict < 0
                                       ? "FILE and NAME or NAME=VALUE are wanted"
                                       : "with --verdict, one FILE is wanted");
    question.verdict = config.verdict;
    if (config.verdict < 0) {
        const char *sign = strchr(argv[1], '=');
        size_t len = strlen(argv[1]);

        question.name =
            (struct pn_str){ argv[1], sign ? (size_t)(sign - argv[1]) : len };
        if (sign)
            question.value = (struct pn_str){ sign + 1, len - question.name.len - 1 };
        if (!question.name.len)
            return pn_tool_usage(tool, "NAME is empty");
    }
    status = pn_rules_file_open(&file, tool, &config.common, argv[0]);
    if (status == PN_EXIT_OK)
        status = who(tool, &config, &file, &question);
    pn_rules_file_close(&file);
    return status;
}
