/* postern stats: what a policy is made of. */
#include <stdlib.h>
#include <string.h>

#include "analysis/extent_text.h"
#include "analysis/stats.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/number_text.h"
#include "tools/input/rules_file.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/verbs.h"

enum {
    RANGES_SHOWN = 5,
    MUCH_LESS = 1000 /* what is left out is worth its name when it is so much less */
};

static const char *const names[] = {
    [POSTERN_DENY] = "denied", [POSTERN_ALLOW] = "allowed"
};

struct stats_config {
    struct pn_common common; /* first: see pn_tool_options() */
};

static const struct pn_option rows[] = { PN_COMMON_OPTIONS, PN_ROOT_OPTION };

const struct pn_option_table pn_options_stats = { rows, PN_COUNT_OF(rows) };

/* The number of rules of each owner; "" for rules without one. */
struct owners {
    struct pn_intern names;
    size_t *counts;
    size_t capacity, count;
};

struct stats_run {
    struct pn_tool *tool;
    struct pn_rules_file file;
    struct pn_decoded decoded;
    struct pn_stats stats;
    struct postern_info info;
    struct owners owners;
    struct pn_style style;
};

static bool
owner_add(struct owners *owners, struct postern_str name)
{
    uint32_t number;

    if (!pn_intern_add(&owners->names, name.ptr ? name.ptr : "",
                       name.ptr ? name.len : 0, &number) ||
        !pn_vector_reserve(&owners->counts, &owners->capacity, owners->names.count,
                           sizeof(*owners->counts)))
        return false;
    if (number == owners->count)
        owners->counts[owners->count++] = 0;
    owners->counts[number]++;
    return true;
}

/* Only native images record owners. */
static bool
owners_count(struct stats_run *run)
{
    for (uint32_t i = 0;
         run->info.format == POSTERN_FORMAT_NATIVE && i < run->info.records; i++) {
        struct postern_origin origin = POSTERN_ORIGIN_INIT;

        if (postern_rules_origin(run->file.rules, i, &origin) == POSTERN_OK &&
            !owner_add(&run->owners, origin.owner))
            return false;
    }
    return true;
}

/* The largest ranges of a verdict so far, largest first. */
struct largest {
    const struct pn_extent *ranges[RANGES_SHOWN];
    pn_number sizes[RANGES_SHOWN]; /* how many addresses, less one */
    size_t count;
};

static void
largest_add(struct largest *l, const struct pn_extent *range, pn_number size)
{
    size_t at = l->count;

    while (at > 0 && l->sizes[at - 1] < size)
        at--;
    if (at == RANGES_SHOWN)
        return;
    l->count += l->count < RANGES_SHOWN;
    for (size_t i = l->count - 1; i > at; i--) {
        l->ranges[i] = l->ranges[i - 1];
        l->sizes[i] = l->sizes[i - 1];
    }
    l->ranges[at] = range;
    l->sizes[at] = size;
}

/*
 * Counts over all blocks, including those that classic keys distinguish by zero groups.
 */
static struct largest
largest_of(const struct pn_stats *stats, uint32_t verdict)
{
    struct largest l = { .count = 0 };

    for (size_t i = 0; i < stats->blocks.count; i++) {
        const struct pn_block *block = &stats->blocks.items[i];

        for (size_t k = 0; k < block->extent_count && block->class == verdict; k++)
            largest_add(&l, &block->extents[k],
                        pn_extent_size(&stats->blocks.zeros, &block->extents[k]) - 1);
    }
    return l;
}

/* A number, or what is left out when that is easier to read. */
static void
size_write(struct pn_buffer *out, const struct pn_stats *stats, unsigned verdict,
           unsigned family)
{
    pn_number part = stats->space[verdict][family],
              rest = stats->space[!verdict][family];

    if (part && !rest) {
        pn_buffer_add_text(out, "all");
    } else if (rest && rest <= part / MUCH_LESS) {
        pn_buffer_add_text(out, "all but ");
        pn_number_write_people(out, rest);
    } else {
        pn_number_write_people(out, part);
    }
}

static void
space_text(struct stats_run *run, unsigned verdict)
{
    struct pn_output *out = &run->tool->out;
    struct pn_stats *s = &run->stats;

    for (unsigned f = 0; f < PN_FAMILIES; f++) {
        struct pn_buffer text = { 0 };

        size_write(&text, s, verdict, f);
        pn_buffer_add(&text, "", 1);
        pn_output_format(out, "  %-7s  IPv%u  %-26s ", f ? "" : names[verdict],
                         f ? 6u : 4u, text.failed ? "" : text.bytes);
        out->pending.failed |= text.failed;
        text.size = 0;
        pn_share_write(&text, s->space[verdict][f],
                       s->space[verdict][f] + s->space[!verdict][f]);
        pn_buffer_add(&text, "\n", 1);
        pn_output_add(out, text.bytes, text.size);
        out->pending.failed |= text.failed;
        pn_buffer_free(&text);
    }
}

/* The largest ranges of a verdict, where they are not all of it. */
static void
largest_text(struct stats_run *run, unsigned verdict)
{
    struct pn_output *out = &run->tool->out;
    struct largest l = largest_of(&run->stats, verdict);
    struct pn_flow flow;

    if (!l.count || (!run->stats.space[!verdict][0] && !run->stats.space[!verdict][1]))
        return;
    pn_output_format(out, "largest %s:", names[verdict]);
    flow = pn_flow_begin(out, &run->style,
                         sizeof("largest :") - 1 + strlen(names[verdict]), 2);
    for (size_t i = 0; i < l.count; i++) {
        struct pn_buffer text = { 0 };

        pn_extent_write(&text, l.ranges[i]);
        pn_extent_write_zeros(&text, &run->stats.blocks.zeros, l.ranges[i]);
        pn_buffer_add_text(&text, i + 1 < l.count ? "," : "");
        flow.gap = true;
        pn_flow_word(&flow, pn_str_of(&text));
        out->pending.failed |= text.failed;
        pn_buffer_free(&text);
    }
    pn_flow_end(&flow);
}

/* "25.5 MiB". */
static void
bytes_text(struct pn_output *out, uint64_t size)
{
    static const char *const units[] = { "KiB", "MiB", "GiB" };
    uint64_t unit = 1024;
    size_t u = 0;

    if (size < unit) {
        pn_output_format(out, "%llu byte%s", (unsigned long long)size,
                         size == 1 ? "" : "s");
        return;
    }
    while (u + 1 < PN_COUNT_OF(units) && size / 1024 >= unit) {
        unit *= 1024;
        u++;
    }
    pn_output_format(out, "%llu.%llu %s", (unsigned long long)(size / unit),
                     (unsigned long long)(size % unit * 10 / unit), units[u]);
}

static void
owners_text(struct stats_run *run)
{
    struct pn_output *out = &run->tool->out;

    for (uint32_t i = 0; i < run->owners.names.count; i++) {
        struct pn_str name = pn_intern_text(&run->owners.names, i);

        if (!name.len)
            continue;
        pn_output_text(out, "  owner ");
        pn_render_bytes(out, name);
        pn_output_text(out, ": ");
        pn_number_text(out, run->owners.counts[i], ",");
        pn_output_text(out, "\n");
    }
}

static void
text(struct stats_run *run)
{
    struct pn_output *out = &run->tool->out;
    const struct pn_stats *s = &run->stats;

    pn_output_format(out, "%s: %s, ", run->file.name,
                     run->info.format == POSTERN_FORMAT_NATIVE ? "native" : "classic");
    bytes_text(out, run->info.size);
    pn_output_text(out, " compiled, ");
    pn_number_text(out, s->rules, ",");
    pn_output_format(out, " rule%s\n", s->rules == 1 ? "" : "s");
    for (size_t k = 0; k < PN_STAT_KIND_COUNT; k++) {
        if (!s->kinds[k])
            continue;
        pn_output_format(out, "  %-9s ", pn_stat_names[k]);
        pn_number_text(out, s->kinds[k], ",");
        pn_output_text(out, "\n");
    }
    if (s->ident_rules)
        pn_output_format(out, "  of ident  %zu, of %zu ident%s\n", s->ident_rules,
                         s->idents, s->idents == 1 ? "" : "s");
    owners_text(run);
    pn_output_text(out, "pieces: ");
    pn_number_text(out, s->pieces[0], ",");
    pn_output_text(out, " IPv4, ");
    pn_number_text(out, s->pieces[1], ",");
    pn_output_text(out, " IPv6\nclients without host and ident:\n");
    space_text(run, POSTERN_ALLOW);
    space_text(run, POSTERN_DENY);
    largest_text(run, POSTERN_ALLOW);
    largest_text(run, POSTERN_DENY);
}

static void
space_json(struct stats_run *run, unsigned verdict)
{
    struct pn_output *out = &run->tool->out;

    pn_output_format(out, "{\"ipv4\": \"");
    pn_number_text(out, run->stats.space[verdict][0], "");
    pn_output_text(out, "\", \"ipv6\": \"");
    pn_number_text(out, run->stats.space[verdict][1], "");
    pn_output_text(out, "\"}");
}

static void
json(struct stats_run *run)
{
    struct pn_output *out = &run->tool->out;
    const struct pn_stats *s = &run->stats;

    pn_output_text(out, "{\"schema\": 1, \"file\": ");
    pn_json_string(out, run->file.name, strlen(run->file.name));
    pn_output_format(
        out, ", \"format\": \"%s\", \"size\": %llu, \"rules\": %zu, \"kinds\": {",
        run->info.format == POSTERN_FORMAT_NATIVE ? "native" : "classic",
        (unsigned long long)run->info.size, s->rules);
    for (size_t k = 0; k < PN_STAT_KIND_COUNT; k++)
        pn_output_format(out, "%s\"%s\": %zu", k ? ", " : "", pn_stat_names[k],
                         s->kinds[k]);
    pn_output_format(out, "}, \"ident_rules\": %zu, \"idents\": %zu, \"owners\": {",
                     s->ident_rules, s->idents);
    for (uint32_t i = 0, shown = 0; i < run->owners.names.count; i++) {
        struct pn_str name = pn_intern_text(&run->owners.names, i);

        if (!name.len)
            continue;
        pn_output_text(out, shown++ ? ", " : "");
        pn_json_string(out, name.ptr, name.len);
        pn_output_format(out, ": %zu", run->owners.counts[i]);
    }
    pn_output_format(out, "}, \"pieces\": [%zu, %zu], \"allowed\": ", s->pieces[0],
                     s->pieces[1]);
    space_json(run, POSTERN_ALLOW);
    pn_output_text(out, ", \"denied\": ");
    space_json(run, POSTERN_DENY);
    pn_output_text(out, "}\n");
}

static int
measure(struct stats_run *run, const struct stats_config *config)
{
    int status = pn_rules_file_decode(&run->file, run->tool, &run->decoded);
    enum postern_status made;

    if (status != PN_EXIT_OK)
        return status;
    run->info = (struct postern_info)POSTERN_INFO_INIT;
    made = pn_stats_make(&run->stats, run->file.rules, &run->decoded, &run->tool->work);
    if (made == POSTERN_OK)
        made = postern_rules_info(run->file.rules, &run->info);
    if (made == POSTERN_OK && !owners_count(run))
        made = POSTERN_E_NOMEM;
    if (made != POSTERN_OK)
        return pn_tool_fail_status(run->tool, run->file.name, made);
    run->style = pn_tool_style(run->tool, &config->common, &run->tool->out);
    (config->common.format == PN_FORMAT_JSON ? json : text)(run);
    return PN_EXIT_OK;
}

int
pn_verb_stats(struct pn_tool *tool, int argc, char **argv)
{
    struct stats_config config = { 0 };
    struct stats_run run = { .tool = tool, .file = { .image = -1 } };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1)
        return pn_tool_usage(tool, "one FILE is wanted");
    status = pn_rules_file_open(&run.file, tool, &config.common, argv[0]);
    if (status == PN_EXIT_OK)
        status = measure(&run, &config);
    pn_stats_clear(&run.stats);
    pn_intern_clear(&run.owners.names);
    free(run.owners.counts);
    pn_decoded_clear(&run.decoded);
    pn_rules_file_close(&run.file);
    return status;
}
