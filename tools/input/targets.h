/* Targets of rules as words of the command line. */
#ifndef PN_TOOLS_INPUT_TARGETS_H
#define PN_TOOLS_INPUT_TARGETS_H

#include "compiler/elements.h"
#include "compiler/regions.h"

/* An address, a prefix or a range as the rules write it. False when it is none. */
bool
pn_extent_read(const char *text, struct pn_extent *out);

#endif
