/* The question of a map, and what is shown of the answer. */
#include "tools/map.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/number_text.h"
#include "compiler/prefixes.h"
#include "tools/input/targets.h"
#include "tools/render/assertions.h"

/* Policies of no more rules are asked rule by rule, so that the picture can name them.
 */
enum { TELLING_MAX = 4096 };

/* The class of what no rule decides, where rules are classes. */
#define NO_RULE (UINT32_MAX - 1)

enum { ORDER = 10, MARGIN_BITS = 2 };

static uint8_t
kind_of(const struct pn_map *map, const struct postern_decision *decision)
{
    if (decision->verdict != POSTERN_ALLOW)
        return PN_MAP_DENIED;
    for (unsigned i = 0; map->privileged.names[i]; i++) {
        const char *name = map->privileged.names[i];

        if (pn_decision_sets(decision, (struct postern_str){ name, strlen(name) }))
            return (uint8_t)(PN_MAP_NAMED + i);
    }
    return PN_MAP_ALLOWED;
}

struct asking {
    struct pn_map *map;
    bool failed; /* a damaged image */
};

/* A pn_class_fn: the statement, or the kind. */
static uint32_t
class_of(void *payload, uint32_t rule)
{
    struct asking *asking = payload;
    struct pn_map *map = asking->map;
    struct postern_decision decision = POSTERN_DECISION_INIT;

    if (map->tells_rules)
        return rule == POSTERN_RULE_NONE
                   ? NO_RULE
                   : pn_rules_file_statement(&map->pair.files[0], rule);
    if (rule == POSTERN_RULE_NONE)
        return PN_MAP_ALLOWED;
    if (postern_rules_outcome(map->pair.files[0].rules, rule, &decision) != POSTERN_OK)
        asking->failed = true;
    return kind_of(map, &decision);
}

static enum postern_status
policy_collect(struct pn_map *map)
{
    struct asking asking = { .map = map };
    struct pn_interval range = { map->view.first, map->view.last };
    struct pn_address_set within = { 0 };
    struct pn_regions regions = {
        .sides = { { map->pair.files[0].rules, &map->pair.decoded[0], class_of,
                     &asking } },
        .side_count = 1,
        .host = PN_ASK_NONE,
        .ident = PN_ASK_NONE,
        .within = map->prefix ? &within : NULL,
        .work = &map->tool->work,
    };
    struct postern_info info = POSTERN_INFO_INIT;
    enum postern_status status = postern_rules_info(map->pair.files[0].rules, &info);

    map->tells_rules = info.records <= TELLING_MAX;
    within.families[pn_family_index(map->view.family)] =
        (struct pn_intervals){ .items = &range, .count = 1 };
    if (status == POSTERN_OK)
        status = pn_blocks_collect(&map->own, &regions);
    pn_regions_clear(&regions);
    return asking.failed ? POSTERN_E_FORMAT : status;
}

static enum postern_status
block_kind(struct pn_map *map, size_t number)
{
    const struct pn_block *block = &pn_map_blocks(map)->items[number];
    struct postern_query witness;
    struct pn_answer answer;
    enum postern_status status = POSTERN_OK;

    if (pn_map_is_change(map)) {
        map->kinds[number] = (uint8_t)pn_change_effect(&map->changes, block);
    } else if (!map->tells_rules) {
        map->kinds[number] = (uint8_t)block->class;
    } else {
        witness = pn_block_witness(&map->own, block);
        status = pn_rules_file_answer(&map->pair.files[0], &witness, &answer);
        if (status == POSTERN_OK)
            map->kinds[number] = kind_of(map, &answer.decision);
    }
    return status;
}

static enum postern_status
parts_make(struct pn_map *map)
{
    const struct pn_blocks *blocks = pn_map_blocks(map);
    size_t count = 0;
    enum postern_status status = POSTERN_OK;

    for (size_t i = 0; i < blocks->count; i++)
        count += blocks->items[i].extent_count;
    map->kinds = calloc(blocks->count + 1, 1);
    map->parts = calloc(count + 1, sizeof(*map->parts));
    if (!map->kinds || !map->parts)
        return POSTERN_E_NOMEM;
    for (size_t i = 0; i < blocks->count && status == POSTERN_OK; i++) {
        const struct pn_block *block = &blocks->items[i];

        status = block_kind(map, i);
        for (size_t k = 0; k < block->extent_count; k++)
            map->parts[map->part_count++] =
                (struct pn_cell_part){ block->extents[k], map->kinds[i] };
    }
    return status;
}

int
pn_map_ask(struct pn_map *map)
{
    const struct pn_change_question question = { .no_host = true,
                                                 .no_ident = true,
                                                 .work = &map->tool->work };
    enum postern_status asked;
    int status;

    map->pair.files[0].image = map->pair.files[1].image = -1;
    if (pn_map_is_change(map)) {
        status = pn_rules_pair_lift(&map->pair, map->tool, map->common, map->files);
    } else {
        status = pn_rules_file_open(&map->pair.files[0], map->tool, map->common,
                                    map->files[0]);
        if (status == PN_EXIT_OK)
            status = pn_rules_file_decode(&map->pair.files[0], map->tool,
                                          &map->pair.decoded[0]);
    }
    if (status != PN_EXIT_OK)
        return status;
    asked = pn_map_is_change(map)
                ? pn_changes_find(&map->changes, map->pair.sides, &question)
                : policy_collect(map);
    if (asked == POSTERN_OK)
        asked = parts_make(map);
    return asked == POSTERN_OK
               ? PN_EXIT_OK
               : pn_tool_fail_status(map->tool, map->files[map->file_count - 1], asked);
}

/* What most of a family is: everything else is what the policy is about. */
static uint8_t
ground_of(const struct pn_map *map, uint8_t family)
{
    pn_number sizes[PN_MAP_KINDS] = { 0 };
    uint8_t ground = PN_MAP_DENIED;

    if (pn_map_is_change(map))
        return PN_MAP_KINDS;
    for (size_t i = 0; i < map->part_count; i++)
        if (map->parts[i].extent.family == family)
            sizes[map->parts[i].kind] +=
                pn_extent_size(&pn_map_blocks(map)->zeros, &map->parts[i].extent);
    for (uint8_t k = 0; k < PN_MAP_KINDS; k++)
        ground = sizes[k] > sizes[ground] ? k : ground;
    return ground;
}

/* Is it of this machine alone? That is in most policies, and at the edge of IPv6. */
static bool
is_loopback(const struct pn_extent *extent)
{
    if (extent->family == 6)
        return extent->first == 1 && extent->last == 1;
    return extent->first >> 24 == 127 && extent->last >> 24 == 127;
}

/* The first and the last address that is not as most of the family; false: all are. */
static bool
differing(const struct pn_map *map, uint8_t family, struct pn_extent *out)
{
    uint8_t ground = ground_of(map, family);
    bool any = false;

    *out = (struct pn_extent){ .family = family };
    for (size_t i = 0; i < map->part_count; i++) {
        const struct pn_extent *e = &map->parts[i].extent;

        if (e->family != family || map->parts[i].kind == ground || is_loopback(e))
            continue;
        out->first = any && out->first < e->first ? out->first : e->first;
        out->last = any && out->last > e->last ? out->last : e->last;
        any = true;
    }
    return any;
}

/* The square around what differs, with some room. */
static void
view_choose(struct pn_map *map)
{
    struct pn_extent found;
    uint8_t family = map->family ? map->family : 4;
    bool any = differing(map, family, &found);
    unsigned length = 0;

    if (!any && !map->family) {
        any = differing(map, 6, &found);
        family = any ? 6 : 4;
    }
    if (any) {
        length = pn_family_bits(family);
        while (length && found.first >> (pn_family_bits(family) - length) !=
                             found.last >> (pn_family_bits(family) - length))
            length--;
        length = length > MARGIN_BITS ? (length - MARGIN_BITS) & ~1u : 0;
    }
    map->length = length;
    map->view = (struct pn_extent){ .family = family };
    if (any && length)
        map->view.first = found.first & ~pn_host_mask(family, length);
    map->view.last = map->view.first + pn_host_mask(family, length);
}

/* A square has four times as many addresses as its quarter, so that lengths are even.
 */
int
pn_map_prefix_read(struct pn_map *map)
{
    struct pn_extent *view = &map->view;

    if (!map->prefix)
        return PN_EXIT_OK;
    if (!pn_extent_read(map->prefix, view))
        return pn_tool_fail_of(map->tool, PN_EXIT_USAGE, map->prefix,
                               "this is no prefix");
    map->length = pn_prefix_at(view->family, view->first, view->last);
    if (view->last - view->first == pn_host_mask(view->family, map->length) &&
        map->length % 2 == 0)
        return PN_EXIT_OK;
    return pn_tool_fail_of(map->tool, PN_EXIT_USAGE, map->prefix,
                           "a prefix of an even length is wanted: it is a square");
}

void
pn_map_view(struct pn_map *map)
{
    unsigned bits;

    if (!map->prefix)
        view_choose(map);
    map->ground = ground_of(map, map->view.family);
    map->order = map->order ? map->order : ORDER;
    bits = (pn_family_bits(map->view.family) - map->length) / 2;
    map->order = map->order > bits ? bits : map->order;
}

void
pn_map_clear(struct pn_map *map)
{
    pn_blocks_clear(&map->own);
    pn_changes_clear(&map->changes);
    pn_rules_pair_close(&map->pair);
    pn_privileged_clear(&map->privileged);
    free(map->kinds);
    free(map->parts);
}
