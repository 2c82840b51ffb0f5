/* How far long work has come, on a terminal. */
#ifndef PN_TOOLS_PROGRESS_H
#define PN_TOOLS_PROGRESS_H

#include <stdint.h>

#include "base/output.h"

struct pn_progress {
    struct pn_output *output; /* the tool's; NULL: no terminal */
    uint64_t done, total;
    unsigned percent; /* as last shown */
};

/* Silent unless `watched`, and when the size of the descriptor's file is not known. */
void
pn_progress_begin(struct pn_progress *progress, struct pn_output *output, int input_fd,
                  bool watched);

/* Redraws the bar when another percent of the input is done. */
void
pn_progress_add(struct pn_progress *progress, uint64_t size);

/* Wipes the bar away. */
void
pn_progress_end(struct pn_progress *progress);

#endif
