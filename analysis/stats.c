/* Rules are counted once for each step that they are on. */
#include "analysis/stats.h"

#include <stdlib.h>

const char *const pn_stat_names[] = { "block",  "address",  "host",   "prefix",
                                      "suffix", "any-host", "default" };

enum { IDENT_BIT = 1 << PN_STAT_KIND_COUNT };

struct stats_work {
    struct pn_stats *out;
    const struct postern_rules *rules;
    const struct pn_decoded *decoded;
    struct pn_work *work;
    struct pn_intern known; /* rules */
    struct pn_buffer marks; /* of each rule, an unsigned of bits by enum pn_stat_kind */
    enum postern_status status;
};

static void
mark(struct stats_work *w, uint32_t group, uint32_t rule, enum pn_stat_kind kind)
{
    unsigned bits = 0, *have;
    uint32_t number;

    if (rule == PN_RULE_NONE)
        return;
    if (!pn_intern_add(&w->known, &rule, sizeof(rule), &number)) {
        w->status = POSTERN_E_NOMEM;
        return;
    }
    if (w->known.count * sizeof(bits) > w->marks.size)
        pn_buffer_add(&w->marks, &bits, sizeof(bits));
    if (w->marks.failed) {
        w->status = POSTERN_E_NOMEM;
        return;
    }
    have = (unsigned *)(void *)w->marks.bytes + number;
    *have |= 1u << (group == PN_GROUP_BLOCKS ? PN_STAT_BLOCK : kind);
    if (group >= PN_NATIVE_FIRST_GROUPS)
        *have |= IDENT_BIT;
}

static void
pieces_mark(struct stats_work *w, uint32_t group, uint8_t family, unsigned zone)
{
    const struct pn_pieces *pieces =
        pn_decoded_pieces(&w->decoded->groups[group], family, zone);

    if (group == PN_GROUP_NO_IDENT)
        w->out->pieces[family == 6] += pieces->count;
    for (size_t i = 0; i < pieces->count; i++) {
        struct pn_native_entry entry = pn_pieces_entry(pieces, i);

        if (entry.block != PN_RULE_NONE)
            mark(w, PN_GROUP_BLOCKS, entry.block & ~PN_NATIVE_EXACT, PN_STAT_BLOCK);
        mark(w, group, entry.exact, PN_STAT_ADDRESS);
        mark(w, group, entry.prefix, PN_STAT_PREFIX);
    }
}

static void
group_mark(struct stats_work *w, uint32_t group)
{
    const struct pn_decoded_group *g = &w->decoded->groups[group];

    if (group != PN_GROUP_BLOCKS) {
        pieces_mark(w, group, 4, 0);
        for (unsigned z = 0; z < w->decoded->zones.count; z++)
            pieces_mark(w, group, 6, z);
    }
    for (size_t i = 0; i < g->host_count; i++) {
        struct pn_str name = pn_intern_text(&w->decoded->names, g->hosts[i].name);

        mark(w, group, g->hosts[i].rule,
             pn_name_is_suffix(name.ptr, name.len) ? PN_STAT_SUFFIX : PN_STAT_HOST);
    }
    mark(w, group, g->any_host, PN_STAT_ANY_HOST);
    mark(w, group, g->fallback, PN_STAT_DEFAULT);
}

static void
marks_count(struct stats_work *w)
{
    const unsigned *marks = (const unsigned *)(const void *)w->marks.bytes;

    w->out->rules = w->known.count;
    for (size_t i = 0; i < w->known.count; i++) {
        for (size_t k = 0; k < PN_STAT_KIND_COUNT; k++)
            w->out->kinds[k] += marks[i] >> k & 1;
        w->out->ident_rules += (marks[i] & IDENT_BIT) != 0;
    }
}

/* A pn_class_fn: the verdict. */
static uint32_t
verdict_of(void *payload, uint32_t rule)
{
    struct stats_work *w = payload;
    struct postern_decision d = POSTERN_DECISION_INIT;

    if (rule == POSTERN_RULE_NONE)
        return POSTERN_ALLOW;
    if (postern_rules_outcome(w->rules, rule, &d) != POSTERN_OK)
        w->status = POSTERN_E_FORMAT;
    return d.verdict == POSTERN_ALLOW ? POSTERN_ALLOW : POSTERN_DENY;
}

static void
space_count(struct stats_work *w)
{
    struct pn_stats *out = w->out;
    struct pn_regions r = { .sides = { { w->rules, w->decoded, verdict_of, w } },
                            .side_count = 1,
                            .host = PN_ASK_NONE,
                            .ident = PN_ASK_NONE,
                            .work = w->work };

    enum postern_status status = pn_blocks_collect(&out->blocks, &r);

    if (w->status == POSTERN_OK) /* else verdict_of() failed */
        w->status = status;
    for (size_t i = 0; i < out->blocks.count; i++) {
        const struct pn_block *block = &out->blocks.items[i];

        for (size_t k = 0; k < block->extent_count; k++)
            out->space[block->class][block->extents[k].family == 6] +=
                pn_extent_size(&out->blocks.zeros, &block->extents[k]);
    }
    pn_regions_clear(&r);
}

enum postern_status
pn_stats_make(struct pn_stats *out, const struct postern_rules *rules,
              const struct pn_decoded *decoded, struct pn_work *work)
{
    struct stats_work w = {
        .out = out, .rules = rules, .decoded = decoded, .work = work
    };

    *out = (struct pn_stats){ .idents = decoded->idents.count };
    w.status = POSTERN_OK;
    for (uint32_t i = 0; i < decoded->group_count && w.status == POSTERN_OK; i++)
        group_mark(&w, i);
    if (w.status == POSTERN_OK) {
        marks_count(&w);
        space_count(&w);
    }
    pn_intern_clear(&w.known);
    pn_buffer_free(&w.marks);
    return w.status;
}

void
pn_stats_clear(struct pn_stats *stats)
{
    pn_blocks_clear(&stats->blocks);
}
