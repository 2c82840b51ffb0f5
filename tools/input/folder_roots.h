/* Of the rule files of a folder, those that stand for themselves. */
#ifndef PN_TOOLS_INPUT_FOLDER_ROOTS_H
#define PN_TOOLS_INPUT_FOLDER_ROOTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Of the names from one on, frees and leaves out those that another of them includes,
 * or whose NAME_test.rules they are, and files that had a name before; *count follows.
 * Of files that include one another in a ring one stays. False without memory.
 */
bool
pn_roots_keep(char **names, size_t from, size_t *count);

#endif
