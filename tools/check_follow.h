/* A FILE that is replaced while queries of it come. */
#ifndef PN_TOOLS_CHECK_FOLLOW_H
#define PN_TOOLS_CHECK_FOLLOW_H

#include <sys/stat.h>

#include "tools/check.h"

/* What the file was when it was looked at last; all zero before. */
struct pn_followed {
    struct stat seen;
    bool is_known;
};

/*
 * Opens the file anew when another one has its name, or it has changed. True when
 * check->file is another from now on; one that cannot be opened is told of once, and
 * the old one stays.
 */
bool
pn_followed_look(struct pn_followed *followed, struct pn_check *check);

#endif
