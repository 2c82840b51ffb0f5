/* The targets that say more of a policy than verdicts of addresses. */
#ifndef PN_TOOLS_EXPORT_WHOLE_H
#define PN_TOOLS_EXPORT_WHOLE_H

#include "tools/export.h"

/*
 * A format that is written of an opened policy. Where `is_refused` is not NULL, what
 * cannot be said is no error: it becomes true, and nothing is written. Returns an enum
 * pn_exit.
 */
struct pn_whole_target {
    const char *name;
    int (*write)(struct pn_tool *tool, const struct pn_common *common, const char *name,
                 bool *is_refused);
};

#define PN_WHOLE_TARGETS "tcprules", "json", "mmdb"

/* NULL for none of that name. */
const struct pn_whole_target *
pn_whole_target_find(const char *name);

/* That of ucspi-tcp6, of struct pn_whole_target. */
int
pn_export_tcp6(struct pn_tool *tool, const struct pn_common *common, const char *name,
               bool *is_refused);

/*
 * Appends the classic source that decides as a file does, of which the text or the
 * image is at hand. What it cannot say is reported, with the rule. Returns an enum
 * pn_exit.
 */
int
pn_export_classic(struct pn_tool *tool, const struct pn_common *common,
                  struct pn_rules_file *file, struct pn_buffer *out);

#endif
