/* What an export is made of: a policy of either language, as spans of its addresses. */
#ifndef PN_TOOLS_EXPORT_H
#define PN_TOOLS_EXPORT_H

#include "interop/spans.h"
#include "tools/input/rules_file.h"

/* Stays where it is. */
struct pn_exported {
    const char *name;
    struct pn_rules_file file;   /* as it was opened, */
    struct pn_rules_file native; /* and a classic one as a native image */
    bool is_classic;
    struct pn_spans spans;
};

#define PN_EXPORTED_NONE                                  \
    (struct pn_exported)                                  \
    {                                                     \
        .file = { .image = -1 }, .native = {.image = -1 } \
    }

/* Opens a FILE operand and asks it; what is wrong is reported. Returns an enum pn_exit;
 * to be closed in any case. */
int
pn_exported_open(struct pn_exported *out, struct pn_tool *tool,
                 const struct pn_common *common, const char *name);

/* The place of answer->decision.rule, which a span named. */
enum postern_status
pn_exported_place(const struct pn_exported *exported, struct pn_answer *answer);

/* The file whose image is a native one. */
const struct pn_rules_file *
pn_exported_native(const struct pn_exported *exported);

/* "FILE:LINE: of TARGET: " on standard error, of a rule that a span names; of none only
 * the file. */
void
pn_exported_place_write(struct pn_tool *tool, const struct pn_exported *exported,
                        uint32_t rule);

void
pn_exported_close(struct pn_exported *exported);

#endif
