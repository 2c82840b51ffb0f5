/* Folders among the operands of a verb stand for the rule files below them. */
#ifndef PN_TOOLS_INPUT_FOLDERS_H
#define PN_TOOLS_INPUT_FOLDERS_H

#include "tools/tool.h"

/* Operands as a verb takes them: files, in the order of the command line. */
struct pn_operands {
    char **names; /* ours, and each of them; a NULL behind the last */
    size_t count, capacity;
};

enum pn_operands_kind {
    PN_OPERANDS_FILES,   /* every *.rules */
    PN_OPERANDS_POLICIES /* not what another of the folder includes, and of a policy and
                            its NAME_test.rules only the policy */
};

/*
 * Replaces each folder by what lies below it, in the order of the names, but for what
 * git ignores, where it is one of git's, and for what a name with a dot in front hides.
 * No link to a folder is followed. Reports a folder with nothing in it, or that cannot
 * be read. Returns an enum pn_exit; clear it in any case.
 */
int
pn_operands_make(struct pn_operands *out, struct pn_tool *tool, int count, char **names,
                 enum pn_operands_kind kind);

/* Is a name that of a folder? "-" never is. */
bool
pn_is_folder(const char *name);

void
pn_operands_clear(struct pn_operands *operands);

#endif
