/* Rows: an area of addresses that answers all hosts alike, and its classes of hosts. */
#ifndef PN_ANALYSIS_BLOCKS_ROW_H
#define PN_ANALYSIS_BLOCKS_ROW_H

#include "analysis/block.h"

/* Memory that is kept counts as work, too: struct pn_work allows some 256 MiB. */
enum { PN_BLOCKS_BYTES_A_STEP = 4 };

struct pn_blocks_work {
    struct pn_blocks *out;
    enum postern_status status;
    struct pn_regions *r;
    struct pn_intern keys; /* of blocks: class, hosts, addresses */
    uint32_t *classes;     /* of the current row, by candidate */
    struct pn_intern patterns;
    uint32_t *by_pattern; /* the candidate of each pattern */
    size_t by_pattern_capacity;
    uint32_t *parents; /* of each candidate, or UINT32_MAX */
    bool *wanted;      /* of each representative: has it to be asked? */
    uint32_t *active;  /* candidates that have to be, or whose parents have */
    size_t active_count;
    size_t ident_number;       /* 0: no ident */
    struct pn_buffer *members; /* of each block, the numbers of its idents */
    size_t member_capacity;
};

/* The blocks of the current ident, while its rows are gathered. */
struct pn_gathered {
    struct pn_block *items;
    size_t count, capacity;
    struct pn_intern keys; /* class and hosts */
};

/* The classes of a row, each with its block and its first candidate. */
struct pn_row {
    struct pn_block *items;
    size_t *firsts;
    size_t count, capacity, first_capacity;
    struct pn_intern classes;
};

void
pn_blocks_no_memory(struct pn_blocks_work *work);

/* Counts memory that is kept as work; false when something has failed. */
bool
pn_blocks_take(struct pn_blocks_work *work, size_t bytes);

/* Adds a pattern to a list. */
void
pn_blocks_pattern(struct pn_blocks_work *work, struct pn_patterns *list,
                  enum pn_candidate_kind kind, struct pn_str text, bool inside);

/* Appends class and hosts: equal bytes for equal ones. */
void
pn_block_key(struct pn_buffer *key, const struct pn_block *block);

/* Finds the candidates of the current ident that have to be asked. */
void
pn_blocks_active_find(struct pn_blocks_work *work);

/* Asks an area with each of them, into work->classes. */
void
pn_row_decide(struct pn_blocks_work *work, size_t area);

/* Adds the classes of a row, each once, to what is gathered. */
void
pn_row_gather(struct pn_blocks_work *work, struct pn_gathered *gathered,
              struct pn_row *row, size_t area);

#endif
