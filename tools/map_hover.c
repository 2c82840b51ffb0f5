/* What is told when somebody points at a part: its prefix, and the rule that decides.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/extent_text.h"
#include "base/vector.h"
#include "compiler/prefixes.h"
#include "tools/map.h"

/* So many parts tell something: the largest. */
enum { HOVERS_MAX = 2000 };

/* A part that is seen, and the block that it is of. */
struct pointed {
    struct pn_extent extent;
    size_t block;
};

struct hovering {
    const struct pn_map *map;
    struct pn_picture *picture;
    struct pointed *items;
    size_t count, capacity;
};

static int
larger_first(const void *left, const void *right)
{
    const struct pn_extent *a = &((const struct pointed *)left)->extent;
    const struct pn_extent *b = &((const struct pointed *)right)->extent;
    pn_number first = a->last - a->first, other = b->last - b->first;

    if (first != other)
        return first > other ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

/* A range in as few prefixes as it has; those smaller than a cell are that cell, once.
 */
static void
boxes_add(struct hovering *h, const struct pn_extent *extent)
{
    const struct pn_map *map = h->map;
    struct pn_picture *p = h->picture;
    pn_number at = extent->first > map->view.first ? extent->first : map->view.first;
    pn_number last = extent->last < map->view.last ? extent->last : map->view.last;
    size_t first = p->box_count;

    for (;;) {
        unsigned length = pn_prefix_at(map->view.family, at, last);
        pn_number end = at + pn_host_mask(map->view.family, length);
        struct pn_hilbert_box box = pn_map_box(map, p->order, at, length);

        if ((p->box_count == first ||
             memcmp(&p->boxes[p->box_count - 1], &box, sizeof(box)) != 0) &&
            !pn_vector_add(&p->boxes, &p->box_count, &p->box_capacity, &box,
                           sizeof(box)))
            p->failed = true;
        if (end >= last)
            return;
        at = end + 1;
    }
}

static void
rule_write(struct pn_buffer *out, const struct pn_answer *answer)
{
    pn_buffer_add_text(out,
                       answer->decision.verdict == POSTERN_ALLOW ? "allow" : "deny");
    if (answer->target.ptr) {
        pn_buffer_add_text(out, " by ");
        pn_buffer_add(out, answer->target.ptr, answer->target.len);
    }
    if (answer->file.ptr) {
        pn_buffer_add_text(out, " at ");
        pn_buffer_add(out, answer->file.ptr, answer->file.len);
        pn_buffer_add_format(out, ":%zu", answer->line);
    }
}

static enum postern_status
block_write(const struct hovering *h, size_t number, struct pn_buffer *out)
{
    const struct pn_map *map = h->map;
    struct postern_query witness =
        pn_block_witness(pn_map_blocks(map), &pn_map_blocks(map)->items[number]);
    enum postern_status status = POSTERN_OK;
    struct pn_answer answer;

    for (int i = 0; i < map->file_count && status == POSTERN_OK; i++) {
        status = pn_rules_file_answer(&map->pair.files[i], &witness, &answer);
        if (status != POSTERN_OK)
            break;
        if (map->file_count == 2)
            pn_buffer_add_text(out, i ? "; now " : "was ");
        rule_write(out, &answer);
    }
    return status;
}

static enum postern_status
hover_add(struct hovering *h, const struct pointed *pointed)
{
    struct pn_picture *p = h->picture;
    struct pn_hover hover = { .first = p->box_count, .text = p->texts.size };
    enum postern_status status;

    boxes_add(h, &pointed->extent);
    hover.count = p->box_count - hover.first;
    pn_extent_write(&p->texts, &pointed->extent);
    pn_extent_write_zeros(&p->texts, &pn_map_blocks(h->map)->zeros, &pointed->extent);
    pn_buffer_add_text(&p->texts, ": ");
    pn_map_kind_write(&p->texts, h->map, h->map->kinds[pointed->block]);
    pn_buffer_add_text(&p->texts, ", ");
    status = block_write(h, pointed->block, &p->texts);
    hover.size = p->texts.size - hover.text;
    if (!pn_vector_add(&p->hovers, &p->hover_count, &p->hover_capacity, &hover,
                       sizeof(hover)))
        p->failed = true;
    return status;
}

static void
blocks_take(struct hovering *h)
{
    const struct pn_blocks *blocks = pn_map_blocks(h->map);
    const struct pn_extent *view = &h->map->view;

    for (size_t i = 0; i < blocks->count; i++)
        for (size_t k = 0; k < blocks->items[i].extent_count; k++) {
            struct pointed pointed = { blocks->items[i].extents[k], i };

            if (pointed.extent.family == view->family &&
                pointed.extent.first <= view->last &&
                pointed.extent.last >= view->first &&
                !pn_vector_add(&h->items, &h->count, &h->capacity, &pointed,
                               sizeof(pointed)))
                h->picture->failed = true;
        }
}

int
pn_map_hovers(const struct pn_map *map, struct pn_picture *picture)
{
    struct hovering h = { .map = map, .picture = picture };
    enum postern_status status = POSTERN_OK;

    if (!map->tells_rules && !pn_map_is_change(map))
        return PN_EXIT_OK;
    blocks_take(&h);
    if (h.count)
        qsort(h.items, h.count, sizeof(*h.items), larger_first);
    for (size_t i = 0; i < h.count && i < HOVERS_MAX && status == POSTERN_OK; i++)
        status = hover_add(&h, &h.items[i]);
    free(h.items);
    return status == POSTERN_OK
               ? PN_EXIT_OK
               : pn_tool_fail_status(map->tool, map->files[map->file_count - 1],
                                     status);
}
