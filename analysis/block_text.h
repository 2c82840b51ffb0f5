/* What a block is made of, in words. */
#ifndef PN_ANALYSIS_BLOCK_TEXT_H
#define PN_ANALYSIS_BLOCK_TEXT_H

#include "analysis/block.h"
#include "base/buffer.h"

/*
 * How many addresses a block has, in digits with `group` between each three of them;
 * all of both families are 2^128.
 */
void
pn_block_count_write(struct pn_buffer *out, const struct pn_blocks *blocks,
                     const struct pn_block *block, const char *group);

/* A pattern as a rule writes it, with ! before what is left out; empty for none. */
void
pn_pattern_write(struct pn_buffer *out, const struct pn_blocks *blocks,
                 const struct pn_pattern *pattern, bool is_ident);

#endif
