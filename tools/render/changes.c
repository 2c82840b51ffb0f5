/* Changes as text and as JSON, and what all their formats share. */
#include "tools/render/changes.h"

#include <stdlib.h>
#include <string.h>

#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

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

/* "256 IPv4 addresses gain access". */
static void
effect_write(struct pn_buffer *out, struct pn_change_report *report,
             enum pn_effect effect)
{
    static const char *const verbs[PN_EFFECT_COUNT][2] = {
        [PN_EFFECT_GAINS] = { "gain access", "gains access" },
        [PN_EFFECT_LOSES] = { "lose access", "loses access" },
        [PN_EFFECT_OTHER] = { "get another answer", "gets another answer" },
    };
    pn_number counts[PN_FAMILIES];

    if (!pn_changes_count(report->changes, effect, counts)) {
        report->status = POSTERN_E_NOMEM;
        return;
    }
    pn_addresses_write(out, counts);
    pn_buffer_add_format(out, " %s", verbs[effect][counts[0] + counts[1] == 1]);
}

void
pn_changes_head(struct pn_output *out, struct pn_change_report *report, bool lines)
{
    static const enum pn_effect order[] = { PN_EFFECT_GAINS, PN_EFFECT_LOSES,
                                            PN_EFFECT_OTHER };
    const struct pn_changes *changes = report->changes;
    const char *name = pn_direction_names[changes->direction];
    size_t effects = 0, left;

    pn_output_text(out, name);
    if (changes->direction == PN_SAME)
        pn_output_text(out, ": every client is answered alike");
    for (size_t i = 0; i < PN_EFFECT_COUNT; i++)
        effects += changes->counts[order[i]] > 0;
    left = effects;
    for (size_t i = 0; i < PN_EFFECT_COUNT; i++) {
        bool own = lines && effects > 1;
        struct pn_buffer text = { 0 };
        struct pn_flow flow;

        if (!changes->counts[order[i]])
            continue;
        pn_output_text(out, left == effects ? ":" : ",");
        pn_output_text(out, own ? "\n  " : " ");
        flow = pn_flow_begin(out, &report->style,
                             own ? 2 : strlen(name) + sizeof(": ") - 1, 4);
        effect_write(&text, report, order[i]);
        pn_buffer_add(&text, "", 1);
        out->pending.failed |= text.failed;
        pn_flow_words(&flow, text.failed ? "" : text.bytes);
        pn_buffer_free(&text);
        left--;
    }
}

void
pn_change_who_text(struct pn_output *out, const struct pn_style *style,
                   const struct pn_changes *changes, size_t block)
{
    const struct pn_block *b = &changes->blocks.items[block];
    size_t column = sizeof("  ") - 1;

    pn_output_text(out, "  ");
    column += pn_effect_text(out, style, pn_change_effect(changes, b));
    pn_block_text(out, style, &changes->blocks, b, "    ", column);
}

static void
change_text(struct pn_output *out, const struct pn_change_report *report,
            const struct pn_change *change, const char *indent)
{
    pn_sides_text(out, &report->style, change->answers, indent);
    pn_output_format(out, "%sone of them: ", indent);
    pn_query_text(out, &change->witness);
    if (report->weights) {
        pn_output_format(out, "\n%slogged: ", indent);
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

/* Blocks with the same addresses are shown as one region. */
static bool
is_same_region(const struct pn_changes *changes, const struct pn_block *a,
               const struct pn_block *b)
{
    if (pn_change_effect(changes, a) != pn_change_effect(changes, b) ||
        a->extent_count != b->extent_count)
        return false;
    for (size_t i = 0; i < a->extent_count; i++)
        if (a->extents[i].family != b->extents[i].family ||
            a->extents[i].first != b->extents[i].first ||
            a->extents[i].last != b->extents[i].last ||
            a->extents[i].zeros != b->extents[i].zeros)
            return false;
    return true;
}

/*
 * Blocks that stand together in the order, and their hosts and idents. Where there are
 * several they are set in.
 */
static void
region_text(struct pn_output *out, struct pn_change_report *report, const size_t *order,
            size_t count)
{
    const struct pn_blocks *blocks = &report->changes->blocks;
    const struct pn_block *first = &blocks->items[order[0]];
    const char *indent = count > 1 ? "    " : "  ";
    struct pn_change change;
    size_t column;
    bool by_host = false;

    for (size_t i = 0; i < count; i++)
        by_host |= !blocks->items[order[i]].hosts.everything;
    pn_output_text(out, "\n");
    column =
        pn_effect_text(out, &report->style, pn_change_effect(report->changes, first));
    pn_block_addresses_text(out, &report->style, blocks, first, true, column);
    for (size_t i = 0; i < count; i++) {
        const struct pn_block *block = &blocks->items[order[i]];

        if (count > 1 && block->hosts.everything &&
            (by_host || block->idents.everything))
            pn_output_text(out, "  host: any or none\n");
        pn_patterns_text(out, &report->style, blocks, &block->hosts, false, "  ");
        pn_patterns_text(out, &report->style, blocks, &block->idents, true, "  ");
        if (pn_change_get(report, order[i], &change))
            change_text(out, report, &change, indent);
    }
}

/* Brings the blocks of each region together, at the place of its first one, and shows
 * as many as are wanted. */
static void
regions_text(struct pn_output *out, struct pn_change_report *report, size_t *order,
             size_t count)
{
    const struct pn_blocks *blocks = &report->changes->blocks;

    for (size_t at = 0, end; at < count && at < report->max; at = end) {
        end = at + 1;
        for (size_t i = end; i < count; i++) {
            size_t block = order[i];

            if (!is_same_region(report->changes, &blocks->items[order[at]],
                                &blocks->items[block]))
                continue;
            memmove(&order[end + 1], &order[end], (i - end) * sizeof(*order));
            order[end++] = block;
        }
        region_text(out, report, order + at,
                    end < report->max ? end - at : report->max - at);
    }
}

void
pn_changes_text(struct pn_output *out, struct pn_change_report *report)
{
    size_t count = report->changes->blocks.count,
           *order = pn_changes_order(report->changes);

    if (!order) {
        report->status = POSTERN_E_NOMEM;
        return;
    }
    pn_style_paint(out, &report->style, PN_PAINT_BOLD);
    pn_changes_head(out, report, true);
    pn_style_paint(out, &report->style, PN_PAINT_RESET);
    pn_output_text(out, "\n");
    regions_text(out, report, order, count);
    if (count > report->max) {
        pn_output_text(out, "\nand ");
        pn_number_text(out, count - report->max, ",");
        pn_output_format(out, " more region%s (--max shows more, --format json all)\n",
                         count - report->max == 1 ? "" : "s");
    }
    pn_output_text(out, report->assertion_count ? "\n" : "");
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
