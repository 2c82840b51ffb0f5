/* A file that is to be replaced, as it was when it was read. */
#ifndef PN_TOOLS_INPUT_SEEN_H
#define PN_TOOLS_INPUT_SEEN_H

#include "base/source.h"
#include "tools/tool.h"

/* What is said when it is not so any more. */
#define PN_SEEN_CHANGED "has changed meanwhile; nothing is written"

struct pn_seen {
    bool existed;
    struct pn_str text; /* the caller's, which outlives this */
};

enum pn_seen_look { PN_SEEN_SAME, PN_SEEN_OTHER, PN_SEEN_UNREAD /* errno says why */ };

/* Does the path hold what was seen? */
enum pn_seen_look
pn_seen_look(const struct pn_seen *seen, const char *path);

/*
 * A pn_atomic_fn, of a struct pn_seen: the look at the content takes a while, the two
 * at what it is do not, so that hardly anything fits in behind them.
 */
bool
pn_seen_is_still(void *seen, const char *path);

/*
 * Says when a file that is replaced has more names than the `written` ones: hard links,
 * which keep what was there.
 */
void
pn_links_report(struct pn_tool *tool, const char *path, unsigned written);

#endif
