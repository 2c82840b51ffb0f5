/*
 * What postern map draws: what becomes of addresses, for clients of which nothing else
 * is known, under one policy or between two.
 */
#ifndef PN_TOOLS_MAP_H
#define PN_TOOLS_MAP_H

#include "analysis/cells.h"
#include "analysis/lint/settings.h"
#include "tools/input/rules_pair.h"
#include "tools/picture.h"

/* Kinds of parts; of a change, those of enum pn_effect. */
enum pn_map_kind {
    PN_MAP_DENIED,
    PN_MAP_ALLOWED,
    PN_MAP_NAMED, /* allowed with a variable: PN_NAMED of them */
    PN_MAP_KINDS = PN_MAP_NAMED + PN_NAMED
};

/* The numbers of one kind within what is shown. */
struct pn_map_sum {
    pn_number addresses;
    uint64_t cells; /* that have such addresses */
};

struct pn_map {
    /* the caller's */
    struct pn_tool *tool;
    const struct pn_common *common;
    char *const *files; /* one, or two for a change */
    int file_count;
    const char *prefix; /* what is shown; NULL: where something differs */
    uint8_t family;     /* 4, 6, or 0: where something differs */
    unsigned order;     /* 2^order cells a side; 0: as many as there are pixels */
    struct pn_privileged privileged;

    struct pn_rules_pair pair; /* of one policy its first half */
    struct pn_changes changes;
    struct pn_blocks own; /* of one policy */
    bool tells_rules;     /* a block is what one rule decides */
    uint8_t *kinds;       /* of each block */
    struct pn_cell_part *parts;
    size_t part_count;

    struct pn_extent view;
    unsigned length; /* of the prefix that is shown: even */
    uint8_t ground;  /* the kind that most of it is; of a change PN_MAP_KINDS */
    struct pn_map_sum sums[PN_MAP_KINDS];
    pn_number size; /* of what is shown */
};

static inline bool
pn_map_is_change(const struct pn_map *map)
{
    return map->file_count == 2;
}

static inline const struct pn_blocks *
pn_map_blocks(const struct pn_map *map)
{
    return pn_map_is_change(map) ? &map->changes.blocks : &map->own;
}

/* Reads the prefix, if there is one. An enum pn_exit, as all of these. */
int
pn_map_prefix_read(struct pn_map *map);

/* Opens the files and asks; to be cleared in any case. */
int
pn_map_ask(struct pn_map *map);

/* Chooses what is shown, and in how many cells. */
void
pn_map_view(struct pn_map *map);

/* Paints the cells, and counts. */
int
pn_map_paint(struct pn_map *map, struct pn_picture *picture);

/* Adds title and legend, and says where the cells are between them. */
void
pn_map_frame(const struct pn_map *map, struct pn_picture *picture);

/* Then the grid, names and marks. */
void
pn_map_furnish(const struct pn_map *map, struct pn_picture *picture);

/* Adds what is told when somebody points at a part. */
int
pn_map_hovers(const struct pn_map *map, struct pn_picture *picture);

void
pn_map_clear(struct pn_map *map);

/* How a kind is called, and what a cell is painted with that has nothing else. */
void
pn_map_kind_write(struct pn_buffer *out, const struct pn_map *map, unsigned kind);
enum pn_paint
pn_map_kind_paint(const struct pn_map *map, unsigned kind);

/* The place of a part in the picture, if it is a prefix of those cells. */
struct pn_hilbert_box
pn_map_box(const struct pn_map *map, unsigned order, pn_number first, unsigned length);

#endif
