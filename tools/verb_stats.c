/* postern stats: what a policy is made of. */
#include <stdlib.h>
#include <string.h>

#include "analysis/stats.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "tools/input/rules_file.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/verbs.h"

enum { RANGES_SHOWN = 5, PERMYRIAD = 10000 };

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

/* Hundredths of a percent of a family's addresses. */
static unsigned
share_permyriad(const struct pn_stats *stats, unsigned verdict, unsigned family)
{
    pn_number all = stats->space[0][family] + stats->space[1][family];
    pn_number part = stats->space[verdict][family];

    if (part == all)
        return all ? PERMYRIAD : 0;
    return all > (~(pn_number)0 / PERMYRIAD) ? (unsigned)(part / (all / PERMYRIAD))
                                             : (unsigned)(part * PERMYRIAD / all);
}

static void
space_text(struct stats_run *run, unsigned verdict)
{
    struct pn_output *out = &run->tool->out;
    struct pn_stats *s = &run->stats;
    struct largest l = largest_of(s, verdict);

    pn_output_text(out, verdict == POSTERN_ALLOW ? "allowed: " : "denied:  ");
    for (unsigned f = 0; f < 2; f++) {
        unsigned hundredths = share_permyriad(s, verdict, f);

        pn_number_text(out, s->space[verdict][f], ",");
        pn_output_format(out, " IPv%u (%u.%02u %%)%s", f ? 6u : 4u, hundredths / 100,
                         hundredths % 100, f ? "\n" : ", ");
    }
    if (!l.count)
        return;
    pn_output_text(out, "  largest: ");
    for (size_t i = 0; i < l.count; i++) {
        pn_output_text(out, i ? ", " : "");
        pn_extent_text(out, &s->blocks.zeros, l.ranges[i]);
    }
    pn_output_text(out, "\n");
}

static void
text(struct stats_run *run)
{
    struct pn_output *out = &run->tool->out;
    const struct pn_stats *s = &run->stats;

    pn_output_format(out, "%s: %s, %llu bytes compiled, %zu rules\n", run->file.name,
                     run->info.format == POSTERN_FORMAT_NATIVE ? "native" : "classic",
                     (unsigned long long)run->info.size, s->rules);
    for (size_t k = 0; k < PN_STAT_KIND_COUNT; k++)
        if (s->kinds[k])
            pn_output_format(out, "  %-9s %zu\n", pn_stat_names[k], s->kinds[k]);
    if (s->ident_rules)
        pn_output_format(out, "  of ident  %zu, of %zu idents\n", s->ident_rules,
                         s->idents);
    for (uint32_t i = 0; i < run->owners.names.count; i++) {
        struct pn_str name = pn_intern_text(&run->owners.names, i);

        if (!name.len)
            continue;
        pn_output_text(out, "  owner ");
        pn_render_bytes(out, name);
        pn_output_format(out, ": %zu\n", run->owners.counts[i]);
    }
    pn_output_format(out, "pieces: %zu IPv4, %zu IPv6\n", s->pieces[0], s->pieces[1]);
    pn_output_text(out, "clients without host and ident:\n");
    space_text(run, POSTERN_ALLOW);
    space_text(run, POSTERN_DENY);
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
