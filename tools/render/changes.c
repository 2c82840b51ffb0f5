/* Changes as text and as JSON, and what all their formats share. */
#include "tools/render/changes.h"

#include <stdlib.h>
#include <string.h>

#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

const char *const pn_effect_names[] = { "loses", "gains", "other" };

const pn_changes_fn pn_changes_render[] = {
    [PN_CHANGES_TEXT] = pn_changes_text,
    [PN_CHANGES_JSON] = pn_changes_json,
    [PN_CHANGES_MARKDOWN] = pn_changes_markdown,
    [PN_CHANGES_GITHUB] = pn_changes_github,
};

bool
pn_change_get(struct pn_change_report *report, size_t block, struct pn_change *out)
{
    enum postern_status status =
        pn_change_make(report->changes, block, &report->sides, out);

    if (report->weights)
        out->weight = report->weights[block];
    if (status != POSTERN_OK)
        report->status = status;
    return status == POSTERN_OK;
}

/* "256 IPv4 and 3 IPv6 addresses". */
static void
counts_text(struct pn_output *out, const pn_number counts[2])
{
    if (counts[0]) {
        pn_number_text(out, counts[0], ",");
        pn_output_text(out, " IPv4");
    }
    if (counts[1]) {
        pn_output_text(out, counts[0] ? " and " : "");
        pn_number_text(out, counts[1], ",");
        pn_output_text(out, " IPv6");
    }
    pn_output_text(out, counts[0] + counts[1] == 1 ? " address" : " addresses");
}

void
pn_changes_head(struct pn_output *out, struct pn_change_report *report)
{
    static const char *const verbs[PN_EFFECT_COUNT] = {
        [PN_EFFECT_GAINS] = "gain access",
        [PN_EFFECT_LOSES] = "lose access",
        [PN_EFFECT_OTHER] = "get another answer with the same verdict",
    };
    static const enum pn_effect order[] = { PN_EFFECT_GAINS, PN_EFFECT_LOSES,
                                            PN_EFFECT_OTHER };
    const struct pn_changes *changes = report->changes;
    const char *before = ": ";

    pn_output_text(out, pn_direction_names[changes->direction]);
    if (changes->direction == PN_SAME)
        pn_output_text(out, ": every client is answered alike");
    for (size_t i = 0; i < PN_EFFECT_COUNT; i++) {
        pn_number counts[2];

        if (!changes->counts[order[i]])
            continue;
        if (!pn_changes_count(changes, order[i], counts)) {
            report->status = POSTERN_E_NOMEM;
            return;
        }
        pn_output_text(out, before);
        counts_text(out, counts);
        pn_output_format(out, " %s", verbs[order[i]]);
        before = ", ";
    }
}

static void
side_text(struct pn_output *out, const char *when, const struct pn_answer *answer)
{
    pn_output_format(out, "  %s %s\n", when, pn_verdict_text(answer->decision.verdict));
    pn_answer_details(out, answer, "    ");
}

static const char *
paint(const struct pn_change_report *report, enum pn_effect effect)
{
    static const char *const colors[] = { [PN_EFFECT_GAINS] = "\033[32m",
                                          [PN_EFFECT_LOSES] = "\033[31m",
                                          [PN_EFFECT_OTHER] = "\033[33m" };

    return report->color ? colors[effect] : "";
}

static void
change_text(struct pn_output *out, const struct pn_change_report *report,
            const struct pn_change *change)
{
    pn_output_paint(out, paint(report, change->effect));
    pn_output_text(out, pn_effect_names[change->effect]);
    pn_output_paint(out, report->color ? PN_PAINT_RESET : "");
    pn_output_text(out, ": ");
    pn_block_text(out, &report->changes->blocks, change->block, "  ");
    side_text(out, "was", &change->answers[0]);
    side_text(out, "now", &change->answers[1]);
    pn_output_text(out, "  one of them: ");
    pn_query_text(out, &change->witness);
    if (report->weights) {
        pn_output_text(out, "\n  logged: ");
        pn_number_text(out, change->weight, ",");
        pn_output_text(out, " of ");
        pn_number_text(out, report->weighed, ",");
        pn_output_text(out, " connections");
    }
    pn_output_text(out, "\n");
}

void
pn_assertion_line_text(struct pn_output *out, const struct pn_assertion_line *line)
{
    pn_output_format(out, "claim %s: ", line->change);
    pn_render_bytes(out, (struct pn_str){ line->file, strlen(line->file) });
    pn_output_format(out, ":%zu: ", line->line);
    pn_render_bytes(out, line->text);
}

static void
assertions_json(struct pn_output *out, const struct pn_change_report *report)
{
    pn_output_text(out, "\"claims\": [");
    for (size_t i = 0; i < report->assertion_count; i++) {
        const struct pn_assertion_line *line = &report->assertions[i];

        pn_output_format(out, "%s{\"change\": \"%s\", \"kind\": \"%s\", \"file\": ",
                         i ? ", " : "", line->change, line->kind);
        pn_json_string(out, line->file, strlen(line->file));
        pn_output_format(out, ", \"line\": %zu, \"text\": ", line->line);
        pn_json_string(out, line->text.ptr, line->text.len);
        pn_output_text(out, "}");
    }
    pn_output_text(out, "], ");
}

void
pn_changes_text(struct pn_output *out, struct pn_change_report *report)
{
    size_t count = report->changes->blocks.count,
           *order = pn_changes_order(report->changes);
    struct pn_change change;

    if (!order) {
        report->status = POSTERN_E_NOMEM;
        return;
    }
    pn_output_paint(out, report->color ? PN_PAINT_BOLD : "");
    pn_changes_head(out, report);
    pn_output_paint(out, report->color ? PN_PAINT_RESET : "");
    pn_output_text(out, "\n");
    for (size_t i = 0; i < count && i < report->max; i++)
        if (pn_change_get(report, order[i], &change))
            change_text(out, report, &change);
    if (count > report->max)
        pn_output_format(out,
                         "and %zu more regions (--max shows more, --format json all)\n",
                         count - report->max);
    for (size_t i = 0; i < report->assertion_count; i++) {
        pn_assertion_line_text(out, &report->assertions[i]);
        pn_output_text(out, "\n");
    }
    free(order);
}

void
pn_changes_json(struct pn_output *out, struct pn_change_report *report)
{
    const struct pn_changes *changes = report->changes;
    struct pn_change change;

    pn_output_format(out, "{\"schema\": 1, \"result\": \"%s\", ",
                     pn_direction_names[changes->direction]);
    if (report->weights)
        pn_output_format(out, "\"weighed\": %llu, ",
                         (unsigned long long)report->weighed);
    assertions_json(out, report);
    pn_output_text(out, "\"regions\": [");
    for (size_t i = 0; i < changes->blocks.count; i++) {
        if (!pn_change_get(report, i, &change))
            break;
        pn_output_text(out, i ? ",\n{" : "\n{");
        pn_block_json(out, &changes->blocks, change.block);
        pn_output_format(out, ", \"effect\": \"%s\"", pn_effect_names[change.effect]);
        if (report->weights)
            pn_output_format(out, ", \"weight\": %llu",
                             (unsigned long long)change.weight);
        pn_output_text(out, ", \"old\": ");
        pn_answer_json(out, &change.answers[0]);
        pn_output_text(out, ", \"new\": ");
        pn_answer_json(out, &change.answers[1]);
        pn_output_text(out, "}");
    }
    pn_output_text(out, changes->blocks.count ? "\n]}\n" : "]}\n");
}
