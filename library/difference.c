/* Regions of a change, copied so that they outlive the policies. */
#include "analysis/difference.h"

#include <string.h>

#include "analysis/block_text.h"
#include "analysis/change.h"
#include "analysis/extent_text.h"
#include "base/arena.h"
#include "base/sizes.h"
#include "library/keep.h"
#include "library/policy.h"

struct region {
    struct postern_region shown;
    struct postern_range *ranges;
    const char **hosts, **idents;
    struct postern_query witness;
    struct postern_answer answers[2];
};

struct postern_diff {
    struct postern_compiler *compiler;
    struct pn_arena *arena;
    struct region *regions; /* in the arena */
    size_t count;
    enum postern_direction direction;
};

/* Takes what was written into a buffer. */
static struct postern_str
written_keep(struct pn_arena *arena, struct pn_buffer *text, bool *failed)
{
    struct postern_str kept = pn_text_keep(
        arena, (struct pn_str){ text->size ? text->bytes : "", text->size });

    *failed |= text->failed;
    pn_buffer_free(text);
    return kept;
}

static struct postern_env_iter
env_keep(struct pn_arena *arena, struct postern_env_iter env)
{
    size_t size = (size_t)(env.end - env.at);
    uint8_t *copy = size ? pn_arena_zalloc(arena, size) : NULL;

    if (!copy)
        return (struct postern_env_iter){ NULL, NULL };
    memcpy(copy, env.at, size);
    return (struct postern_env_iter){ copy, copy + size };
}

static struct postern_answer
answer_keep(struct pn_arena *arena, const struct pn_answer *answer)
{
    struct postern_answer copy = pn_public_answer(answer);

    copy.decision.env = env_keep(arena, copy.decision.env);
    copy.decision.reject = pn_text_keep(arena, pn_private_str(copy.decision.reject));
    copy.target = pn_text_keep(arena, pn_private_str(copy.target));
    copy.file = pn_text_keep(arena, pn_private_str(copy.file));
    copy.owner = pn_text_keep(arena, pn_private_str(copy.owner));
    copy.ticket = pn_text_keep(arena, pn_private_str(copy.ticket));
    copy.entry = pn_text_keep(arena, pn_private_str(copy.entry));
    copy.list = pn_text_keep(arena, pn_private_str(copy.list));
    return copy;
}

/* A region that is being copied, and the blocks that it is one of. */
struct copying {
    struct pn_arena *arena;
    const struct pn_blocks *blocks;
    const struct pn_block *block;
    bool failed;
};

static void
ranges_keep(struct copying *c, struct region *out)
{
    size_t count = c->block->extent_count;

    out->ranges = pn_arena_zalloc(c->arena, (count + 1) * sizeof(*out->ranges));
    for (size_t i = 0; out->ranges && i < count; i++) {
        const struct pn_extent *extent = &c->block->extents[i];
        struct pn_buffer text = { 0 };

        pn_extent_write(&text, extent);
        pn_extent_write_zeros(&text, &c->blocks->zeros, extent);
        out->ranges[i] =
            (struct postern_range){ pn_number_address(extent->first, extent->family),
                                    pn_number_address(extent->last, extent->family),
                                    written_keep(c->arena, &text, &c->failed),
                                    extent->zeros != 0 };
    }
    out->shown.range_count = (uint32_t)count;
}

/* The patterns of hosts or idents; none for everybody. */
static const char **
patterns_keep(struct copying *c, const struct pn_patterns *from, bool is_ident,
              uint32_t *count)
{
    const char **texts;

    *count = 0;
    if (from->everything)
        return NULL;
    texts = pn_arena_zalloc(c->arena, (from->count + 1) * sizeof(*texts));
    for (size_t i = 0; texts && i < from->count; i++) {
        struct pn_buffer text = { 0 };

        pn_pattern_write(&text, c->blocks, &from->items[i], is_ident);
        texts[i] = written_keep(c->arena, &text, &c->failed).ptr;
    }
    *count = texts ? (uint32_t)from->count : 0;
    return texts;
}

static void
region_keep(struct copying *c, const struct pn_change *change, struct region *out)
{
    static const enum postern_effect effects[PN_EFFECT_COUNT] = {
        [PN_EFFECT_LOSES] = POSTERN_LOSES,
        [PN_EFFECT_GAINS] = POSTERN_GAINS,
        [PN_EFFECT_OTHER] = POSTERN_OTHER
    };
    struct pn_buffer digits = { 0 };

    c->block = change->block;
    pn_block_count_write(&digits, c->blocks, c->block, "");
    out->shown.effect = effects[change->effect];
    out->shown.addresses = written_keep(c->arena, &digits, &c->failed);
    ranges_keep(c, out);
    out->hosts = patterns_keep(c, &c->block->hosts, false, &out->shown.host_count);
    out->idents = patterns_keep(c, &c->block->idents, true, &out->shown.ident_count);
    out->witness = pn_query_copy(c->arena, &change->witness);
    for (size_t i = 0; i < PN_COUNT_OF(out->answers); i++)
        out->answers[i] = answer_keep(c->arena, &change->answers[i]);
    out->shown.witness = &out->witness;
    out->shown.before = &out->answers[0];
    out->shown.after = &out->answers[1];
}

/* Copies all regions, in their order. */
static enum postern_status
regions_keep(struct postern_diff *diff, const struct pn_changes *changes,
             const struct pn_change_sides *sides)
{
    struct copying copying = { .arena = diff->arena, .blocks = &changes->blocks };
    size_t count = changes->blocks.count, *order = pn_changes_order(changes);
    enum postern_status status = order ? POSTERN_OK : POSTERN_E_NOMEM;

    diff->regions = pn_arena_zalloc(diff->arena, (count + 1) * sizeof(*diff->regions));
    for (size_t i = 0; status == POSTERN_OK && diff->regions && i < count; i++) {
        struct pn_change change;

        status = pn_change_make(changes, order[i], sides, &change);
        if (status == POSTERN_OK)
            region_keep(&copying, &change, &diff->regions[i]);
    }
    pn_free(order);
    diff->count = count;
    if (status == POSTERN_OK && (copying.failed || pn_arena_failed(diff->arena)))
        status = POSTERN_E_NOMEM;
    return status;
}

/* Ends a difference within a call. */
static void
diff_clear(struct postern_diff *diff)
{
    pn_compiler_drop(diff->compiler); /* the call that runs holds it too */
    pn_arena_free(diff->arena);
    pn_free(diff);
}

static struct postern_diff *
diff_new(struct postern_compiler *compiler)
{
    struct postern_diff *diff = pn_calloc(1, sizeof(*diff));

    if (diff)
        diff->arena = pn_arena_new();
    if (!diff || !diff->arena) {
        pn_free(diff);
        return NULL;
    }
    diff->compiler = compiler;
    pn_compiler_hold(compiler);
    return diff;
}

static struct pn_side
side_of(struct postern_policy *policy)
{
    return (struct pn_side){ policy->file.rules, &policy->decoded,
                             pn_rules_file_statement, &policy->file };
}

static enum postern_status
compare(struct postern_policy *const policies[2], uint32_t server,
        struct postern_diff *out)
{
    static const enum postern_direction directions[] = { [PN_SAME] = POSTERN_SAME,
                                                         [PN_STRICTER] =
                                                             POSTERN_STRICTER,
                                                         [PN_LOOSER] = POSTERN_LOOSER,
                                                         [PN_MIXED] = POSTERN_MIXED };
    const struct pn_change_sides who = { pn_rules_file_answer,
                                         { &policies[0]->file, &policies[1]->file } };
    const struct pn_side sides[2] = { side_of(policies[0]), side_of(policies[1]) };
    struct pn_work work =
        pn_work_for(policies[0]->file.source.size + policies[1]->file.source.size);
    const struct pn_change_question question = { .no_host =
                                                     server & POSTERN_SERVER_NO_HOST,
                                                 .no_ident =
                                                     server & POSTERN_SERVER_NO_IDENT,
                                                 .work = &work };
    struct pn_changes changes = { 0 };
    enum postern_status status = pn_changes_find(&changes, sides, &question);

    if (status == POSTERN_OK) {
        out->direction = directions[changes.direction];
        status = regions_keep(out, &changes, &who);
    }
    if (status != POSTERN_OK && work.spent)
        status = POSTERN_E_LIMIT;
    pn_changes_clear(&changes);
    return status;
}

static enum postern_status
diff_make(struct postern_policy *const policies[2], uint32_t server,
          struct postern_diff **out)
{
    struct postern_diff *diff;
    enum postern_status status = pn_policy_decode(policies[0]);

    if (status == POSTERN_OK)
        status = pn_policy_decode(policies[1]);
    if (status != POSTERN_OK)
        return status;
    diff = diff_new(policies[0]->compiler);
    if (!diff)
        return POSTERN_E_NOMEM;
    status = compare(policies, server, diff);
    if (status == POSTERN_OK)
        *out = diff;
    else
        diff_clear(diff);
    return status;
}

enum postern_status
postern_policy_diff(struct postern_policy *before, struct postern_policy *after,
                    uint32_t server, struct postern_diff **out)
{
    const uint32_t every =
        POSTERN_SERVER_KNOWN | POSTERN_SERVER_NO_HOST | POSTERN_SERVER_NO_IDENT;
    struct postern_policy *const policies[2] = { before, after };
    struct pn_call call;
    enum postern_status status;

    if (!before || !after || !out || before->compiler != after->compiler ||
        server & ~every)
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, before->compiler);
    if (status != POSTERN_OK)
        return status;
    return pn_call_end(&call, diff_make(policies, server, out));
}

enum postern_direction
postern_diff_direction(const struct postern_diff *diff)
{
    return diff->direction;
}

const struct postern_region *
postern_diff_region(const struct postern_diff *diff, size_t region)
{
    return region < diff->count ? &diff->regions[region].shown : NULL;
}

const struct postern_range *
postern_diff_range(const struct postern_diff *diff, size_t region, size_t range)
{
    if (region >= diff->count || range >= diff->regions[region].shown.range_count)
        return NULL;
    return &diff->regions[region].ranges[range];
}

const char *
postern_diff_host(const struct postern_diff *diff, size_t region, size_t host)
{
    if (region >= diff->count || host >= diff->regions[region].shown.host_count)
        return NULL;
    return diff->regions[region].hosts[host];
}

const char *
postern_diff_ident(const struct postern_diff *diff, size_t region, size_t ident)
{
    if (region >= diff->count || ident >= diff->regions[region].shown.ident_count)
        return NULL;
    return diff->regions[region].idents[ident];
}

void
postern_diff_free(struct postern_diff *diff)
{
    struct pn_call call;

    if (!diff)
        return;
    pn_call_begin_free(&call, diff->compiler);
    diff_clear(diff);
    (void)pn_call_end(&call, POSTERN_OK);
}
