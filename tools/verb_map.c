/* postern map: the decision space as a picture, or what changes in it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stats.h"
#include "base/sizes.h"
#include "compiler/atomic.h"
#include "tools/input/rules_pair.h"
#include "tools/input/targets.h"
#include "tools/picture.h"
#include "tools/test_name.h"
#include "tools/verbs.h"

enum { ORDER = 8, ORDER_MAX = 12 };

struct map_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *output, *prefix;
    size_t order;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "output", 'o', PN_OPTION_TEXT, offsetof(struct map_config, output), "PICTURE",
      NULL, "NAME.svg or NAME.png" },
    { "prefix", 0, PN_OPTION_TEXT, offsetof(struct map_config, prefix), "PREFIX", NULL,
      "show this much of the space (0.0.0.0/0)" },
    { "order", 0, PN_OPTION_COUNT, offsetof(struct map_config, order), "N", NULL,
      "2^N cells a side, up to 12 (8)" },
};

const struct pn_option_table pn_options_map = { rows, PN_COUNT_OF(rows) };

struct map_run {
    struct pn_tool *tool;
    const struct map_config *config;
    struct pn_picture picture;
    struct pn_output out; /* the picture's bytes */
    char **names;
    int count;
};

/* A square has four times as many addresses as its quarter, so that lengths are even.
 */
static int
frame(struct map_run *run)
{
    struct pn_extent extent;
    const char *prefix = run->config->prefix ? run->config->prefix : "0.0.0.0/0";
    struct pn_picture *p = &run->picture;
    unsigned length, bits;

    if (!pn_extent_read(prefix, &extent))
        return pn_tool_fail_of(run->tool, PN_EXIT_USAGE, prefix, "this is no prefix");
    length = pn_prefix_at(extent.family, extent.first, extent.last);
    if (extent.last - extent.first != pn_host_mask(extent.family, length) || length % 2)
        return pn_tool_fail_of(run->tool, PN_EXIT_USAGE, prefix,
                               "a prefix of an even length is wanted: it is a square");
    bits = (pn_family_bits(extent.family) - length) / 2;
    p->first = extent.first;
    p->last = extent.last;
    p->family = extent.family;
    p->order = run->config->order ? (unsigned)run->config->order : ORDER;
    if (run->config->order > ORDER_MAX)
        return pn_tool_usage(run->tool, "--order is at most 12");
    p->order = p->order > bits ? bits : p->order;
    return pn_picture_begin(p) ? PN_EXIT_OK : pn_tool_fail_memory(run->tool, prefix);
}

static void
block_paint(struct map_run *run, const struct pn_blocks *blocks, size_t number,
            enum pn_paint paint)
{
    const struct pn_block *block = &blocks->items[number];

    for (size_t i = 0; i < block->extent_count; i++)
        pn_picture_paint(&run->picture, &blocks->zeros, &block->extents[i], paint);
}

static int
policy_paint(struct map_run *run)
{
    struct pn_rules_file file;
    struct pn_decoded decoded = { 0 };
    struct pn_stats stats = { 0 };
    int status =
        pn_rules_file_open(&file, run->tool, &run->config->common, run->names[0]);

    if (status == PN_EXIT_OK)
        status = pn_rules_file_decode(&file, run->tool, &decoded);
    if (status == PN_EXIT_OK) {
        enum postern_status made =
            pn_stats_make(&stats, file.rules, &decoded, &run->tool->work);

        if (made != POSTERN_OK)
            status = pn_tool_fail_status(run->tool, file.name, made);
    }
    for (size_t i = 0; status == PN_EXIT_OK && i < stats.blocks.count; i++)
        block_paint(run, &stats.blocks, i,
                    stats.blocks.items[i].class == POSTERN_ALLOW ? PN_PAINT_ALLOW
                                                                 : PN_PAINT_DENY);
    pn_stats_clear(&stats);
    pn_decoded_clear(&decoded);
    pn_rules_file_close(&file);
    return status;
}

/* What does not change stays white. */
static int
change_paint(struct map_run *run)
{
    static const enum pn_paint paints[] = { [PN_EFFECT_LOSES] = PN_PAINT_LOSES,
                                            [PN_EFFECT_GAINS] = PN_PAINT_GAINS,
                                            [PN_EFFECT_OTHER] = PN_PAINT_OTHER };
    const struct pn_change_question question = { .no_host = true,
                                                 .no_ident = true,
                                                 .work = &run->tool->work };
    struct pn_rules_pair pair;
    struct pn_changes changes = { 0 };
    int status = pn_rules_pair_open(&pair, run->tool, &run->config->common, run->names);

    if (status == PN_EXIT_OK) {
        enum postern_status found = pn_changes_find(&changes, pair.sides, &question);

        if (found != POSTERN_OK)
            status = pn_tool_fail_of(run->tool, PN_EXIT_SYSTEM, run->names[1],
                                     postern_status_text(found));
    }
    for (size_t i = 0; status == PN_EXIT_OK && i < changes.blocks.count; i++)
        block_paint(run, &changes.blocks, i,
                    paints[pn_change_effect(&changes, &changes.blocks.items[i])]);
    pn_changes_clear(&changes);
    pn_rules_pair_close(&pair);
    return status;
}

/* Whole or not at all, as all that is written. */
static int
picture_put(struct map_run *run)
{
    const char *path = run->config->output;

    if (run->out.pending.failed)
        return pn_tool_fail_memory(run->tool, path);
    if (strcmp(path, "-") == 0) {
        pn_output_add(&run->tool->out, run->out.pending.bytes, run->out.pending.size);
        return PN_EXIT_OK;
    }
    if (pn_atomic_put(path, run->out.pending.bytes, run->out.pending.size))
        return PN_EXIT_OK;
    return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, path);
}

/* The legend, in the terminal: a PNG has no place for it. */
static void
legend_show(struct map_run *run)
{
    size_t count = (size_t)1 << 2 * run->picture.order, counts[PN_PAINT_COUNT] = { 0 };

    for (size_t i = 0; i < count; i++)
        counts[run->picture.cells[i]]++;
    for (int p = PN_PAINT_DENY; p < PN_PAINT_COUNT; p++)
        if (counts[p])
            pn_output_format(&run->tool->out, "%s %s: %zu of %zu cells\n",
                             pn_paint_colors[p], pn_paint_names[p], counts[p], count);
}

static int
draw(struct map_run *run)
{
    struct pn_buffer title = { 0 };
    int status = frame(run);

    if (status == PN_EXIT_OK)
        status = run->count == 2 ? change_paint(run) : policy_paint(run);
    if (status == PN_EXIT_OK) {
        pn_buffer_add_text(&title, run->names[0]);
        if (run->count == 2) {
            pn_buffer_add_text(&title, " to ");
            pn_buffer_add_text(&title, run->names[1]);
        }
        pn_buffer_add_text(&title, ", ");
        pn_buffer_add_text(&title,
                           run->config->prefix ? run->config->prefix : "0.0.0.0/0");
        pn_buffer_add(&title, "", 1);
        if (title.failed)
            run->out.pending.failed = true;
        else if (pn_name_ends_in(run->config->output, ".png"))
            run->out.pending.failed |=
                !pn_picture_png(&run->picture, title.bytes, &run->out);
        else
            pn_picture_svg(&run->picture, title.bytes, &run->out);
        status = picture_put(run);
        if (status == PN_EXIT_OK && strcmp(run->config->output, "-") != 0)
            legend_show(run);
    }
    pn_buffer_free(&title);
    pn_picture_clear(&run->picture);
    return status;
}

int
pn_verb_map(struct pn_tool *tool, int argc, char **argv)
{
    struct map_config config = { 0 };
    struct map_run run = { .tool = tool, .config = &config, .out = { .fd = -1 } };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1 && operands != 2)
        return pn_tool_usage(tool, "FILE, or OLD and NEW, are wanted");
    if (!config.output ||
        (!pn_name_ends_in(config.output, ".svg") &&
         !pn_name_ends_in(config.output, ".png") && strcmp(config.output, "-") != 0))
        return pn_tool_usage(tool, "-o NAME.svg, -o NAME.png or -o - is wanted");
    run.names = argv;
    run.count = operands;
    status = draw(&run);
    pn_buffer_free(&run.out.pending);
    return status;
}
