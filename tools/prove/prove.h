/* An import held to the program that its rules come from. */
#ifndef PN_TOOLS_PROVE_H
#define PN_TOOLS_PROVE_H

#include "analysis/compiled.h"
#include "interop/import.h"
#include "tools/tool.h"

/*
 * Asks the original program of the rules that were read (import->native), and the
 * policy, of the same clients. `program` is its path, NULL to look for it. Says what
 * was asked, or who is answered otherwise. PN_EXIT_OK, PN_EXIT_FINDINGS for a
 * difference, PN_EXIT_USAGE when it cannot be asked.
 */
int
pn_prove_import(struct pn_tool *tool, const char *format, const char *program,
                const struct pn_import *import, const struct pn_compiled *policy);

#endif
