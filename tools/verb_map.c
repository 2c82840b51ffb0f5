/* postern map: the decision space as a picture, or what changes in it. */
#include <string.h>

#include "analysis/extent_text.h"
#include "base/sizes.h"
#include "compiler/atomic.h"
#include "compiler/number_text.h"
#include "tools/map.h"
#include "tools/test_name.h"
#include "tools/verbs.h"

enum { PIXELS = 1024, ORDER_MAX = 12 };

struct map_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *output, *prefix, *privileged;
    int family; /* of family_choices */
    size_t order;
};

static const char *const family_choices[] = { "any", "4", "6", NULL };

static const struct pn_option rows[] = {
    PN_TEXT_OPTIONS,
    PN_ROOT_OPTION,
    { "output", 'o', PN_OPTION_TEXT, offsetof(struct map_config, output), "PICTURE",
      NULL, "NAME.svg or NAME.png; - is an SVG" },
    { "prefix", 0, PN_OPTION_TEXT, offsetof(struct map_config, prefix), "PREFIX", NULL,
      "show this much of the space (what differs)" },
    { "family", 0, PN_OPTION_CHOICE, offsetof(struct map_config, family), "FAMILY",
      family_choices, "any, 4 or 6: of which addresses, without --prefix" },
    { "privileged", 0, PN_OPTION_TEXT, offsetof(struct map_config, privileged), "NAMES",
      NULL, "variables to be shown (RELAYCLIENT), up to 4" },
    { "order", 0, PN_OPTION_COUNT, offsetof(struct map_config, order), "N", NULL,
      "2^N cells a side, up to 12 (10)" },
};

const struct pn_option_table pn_options_map = { rows, PN_COUNT_OF(rows) };

/* Whole or not at all, as all that is written. */
static int
picture_put(struct pn_tool *tool, const char *path, struct pn_output *out)
{
    if (out->pending.failed)
        return pn_tool_fail_memory(tool, path);
    if (strcmp(path, "-") == 0) {
        pn_output_add(&tool->out, out->pending.bytes, out->pending.size);
        return PN_EXIT_OK;
    }
    if (pn_atomic_put(path, out->pending.bytes, out->pending.size))
        return PN_EXIT_OK;
    return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, path);
}

/* What is in the picture, in numbers. */
static void
sums_show(const struct pn_map *map)
{
    struct pn_output *out = &map->tool->out;
    uint64_t cells = UINT64_C(1) << 2 * map->order;
    struct pn_buffer text = { 0 };
    bool any = false;

    pn_extent_write(&text, &map->view);
    pn_buffer_add_text(&text, ": ");
    pn_number_write(&text, cells);
    pn_buffer_add_text(&text, cells == 1 ? " cell\n" : " cells\n");
    for (unsigned k = 0; k < PN_MAP_KINDS; k++) {
        const struct pn_map_sum *sum = &map->sums[k];

        if (!sum->cells)
            continue;
        any = true;
        pn_buffer_add_text(&text, "  ");
        pn_map_kind_write(&text, map, k);
        pn_buffer_add_text(&text, ": ");
        pn_number_write_addresses(&text, 0, sum->addresses - 1);
        pn_buffer_add_text(&text, ", ");
        pn_share_write(&text, sum->addresses, map->size);
        pn_buffer_add_text(&text, ", in ");
        pn_number_write(&text, sum->cells);
        pn_buffer_add_text(&text, sum->cells == 1 ? " cell\n" : " cells\n");
    }
    if (!any)
        pn_buffer_add_text(&text, "  nothing changes\n");
    pn_output_add(out, text.bytes, text.size);
    out->pending.failed |= text.failed;
    pn_buffer_free(&text);
}

static int
picture_make(struct pn_map *map, struct pn_picture *picture)
{
    unsigned cell = map->order > 10 ? 1 : PIXELS >> map->order;
    int status;

    if (!pn_picture_begin(picture, map->order, cell))
        return pn_tool_fail_memory(map->tool, map->files[0]);
    status = pn_map_paint(map, picture);
    if (status != PN_EXIT_OK)
        return status;
    pn_map_frame(map, picture);
    pn_map_furnish(map, picture);
    return pn_map_hovers(map, picture);
}

static int
draw(struct pn_map *map, const char *path)
{
    struct pn_picture picture = { 0 };
    struct pn_output out = { .fd = -1 };
    int status = pn_map_prefix_read(map);

    if (status == PN_EXIT_OK)
        status = pn_map_ask(map);
    if (status == PN_EXIT_OK) {
        pn_map_view(map);
        status = picture_make(map, &picture);
    }
    if (status == PN_EXIT_OK) {
        if (picture.failed || picture.texts.failed)
            out.pending.failed = true;
        else if (pn_name_ends_in(path, ".png"))
            out.pending.failed |= !pn_picture_png(&picture, &out);
        else
            pn_picture_svg(&picture, &out);
        status = picture_put(map->tool, path, &out);
    }
    if (status == PN_EXIT_OK && strcmp(path, "-") != 0)
        sums_show(map);
    pn_buffer_free(&out.pending);
    pn_picture_clear(&picture);
    return status;
}

/* What is to be drawn, as the options say. An enum pn_exit. */
static int
map_begin(struct pn_map *map, struct pn_tool *tool, const struct map_config *config)
{
    unsigned count = 0;

    *map = (struct pn_map){ .tool = tool,
                            .common = &config->common,
                            .prefix = config->prefix,
                            .family =
                                (uint8_t)(config->family ? 2 * config->family + 2 : 0),
                            .order = (unsigned)config->order };
    map->pair.files[0].image = map->pair.files[1].image = -1;
    if (config->order > ORDER_MAX)
        return pn_tool_usage(tool, "--order is at most 12");
    if (!pn_privileged_read(&map->privileged, config->privileged))
        return pn_tool_fail_memory(tool, "--privileged");
    while (map->privileged.names[count])
        count++;
    return count <= PN_NAMED ? PN_EXIT_OK
                             : pn_tool_usage(tool, "--privileged takes up to 4 names");
}

int
pn_verb_map(struct pn_tool *tool, int argc, char **argv)
{
    struct map_config config = { 0 };
    struct pn_map map;
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1 && operands != 2)
        return pn_tool_usage(tool, "FILE, or OLD and NEW, are wanted");
    if (!config.output ||
        (!pn_name_ends_in(config.output, ".svg") &&
         !pn_name_ends_in(config.output, ".png") && strcmp(config.output, "-") != 0))
        return pn_tool_usage(tool, "-o NAME.svg, -o NAME.png or -o - is wanted");
    status = map_begin(&map, tool, &config);
    if (status == PN_EXIT_OK) {
        map.files = argv;
        map.file_count = operands;
        status = draw(&map, config.output);
    }
    pn_map_clear(&map);
    return status;
}
