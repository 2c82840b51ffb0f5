/* Collects blocks: all that a policy decides, as few blocks as its rules allow. */
#ifndef PN_ANALYSIS_BLOCKS_H
#define PN_ANALYSIS_BLOCKS_H

#include "analysis/block.h"

/*
 * Goes through all regions of a question, which the caller has filled in. The classes
 * are those of class_of_region; where there is none, of side 0's class_of. POSTERN_OK
 * when the blocks are complete; clear them in any case.
 */
enum postern_status
pn_blocks_collect(struct pn_blocks *out, struct pn_regions *regions);

#endif
