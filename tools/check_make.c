/* check --make: the smallest edits that turn a decision, and what else each changes. */
#include "analysis/edits.h"
#include "tools/check.h"
#include "tools/input/rules_file.h"
#include "tools/policy_size.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/changes.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

static void
edit_text(struct pn_check *check, const struct pn_edit *e)
{
    struct pn_output *out = &check->tool->out;
    struct pn_change_report report = { .changes = &e->changes };
    const struct pn_style style = pn_tool_style(check->tool, &check->common, out);

    pn_render_bytes(out, (struct pn_str){ e->says.bytes, e->says.size });
    pn_output_text(out, "\n  ");
    pn_changes_head(out, &report, false);
    pn_output_text(out, "\n");
    for (size_t i = 0; i < e->changes.blocks.count && i < 3; i++)
        pn_change_who_text(out, &style, &e->changes, i);
}

static void
edit_json(struct pn_check *check, const struct pn_edit *e, bool first)
{
    struct pn_output *out = &check->tool->out;

    pn_output_text(out, first ? "\n{\"edit\": " : ",\n{\"edit\": ");
    pn_json_string(out, e->says.bytes, e->says.size);
    pn_output_format(out, ", \"result\": \"%s\", \"count\": \"",
                     pn_direction_names[e->changes.direction]);
    pn_number_text(out, e->size, "");
    pn_output_text(out, "\", \"regions\": [");
    for (size_t i = 0; i < e->changes.blocks.count; i++) {
        pn_output_text(out, i ? ", {" : "{");
        pn_block_json(out, &e->changes.blocks, &e->changes.blocks.items[i]);
        pn_output_text(out, "}");
    }
    pn_output_text(out, "]}");
}

static int
edits_show(struct pn_check *check, const struct pn_edits *found)
{
    struct pn_output *out = &check->tool->out;
    bool json = check->common.format == PN_FORMAT_JSON, any = false;

    if (json)
        pn_output_text(out, "{\"schema\": 1, \"edits\": [");
    for (size_t i = 0; i < found->count && found->items[i].works; i++) {
        if (json)
            edit_json(check, &found->items[i], !any);
        else
            edit_text(check, &found->items[i]);
        any = true;
    }
    if (json)
        pn_output_text(out, "]}\n");
    else if (!any)
        pn_output_text(out, "no such edit does it\n");
    return any ? PN_EXIT_OK : PN_EXIT_FINDINGS;
}

int
pn_check_make(struct pn_check *check, const struct postern_query *query)
{
    struct pn_edits found = { .source = &check->file.source,
                              .query = query,
                              .verdict = (enum postern_verdict)check->make,
                              .outcome = pn_verdict_text((uint8_t)check->make),
                              .work = &check->tool->work };
    int status;

    if (!check->file.source.text)
        return pn_tool_failf(check->tool, PN_EXIT_USAGE,
                             "%s is compiled: edits are of a source", check->file.name);
    switch (pn_edits_find(&found)) {
    case PN_EDITS_FOUND:
        pn_policy_size_add(&check->tool->size, &found.before.decoded);
        status = edits_show(check, &found);
        break;
    case PN_EDITS_NONE_NEEDED:
        pn_output_format(&check->tool->out, "it is %s already\n",
                         check->make == POSTERN_ALLOW ? "allowed" : "denied");
        status = PN_EXIT_OK;
        break;
    default:
        if (found.before.rules)
            pn_policy_size_add(&check->tool->size, &found.before.decoded);
        status = pn_check_fail(check, POSTERN_E_NOMEM);
        break;
    }
    pn_edits_clear(&found);
    return status;
}
