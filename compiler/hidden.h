/* Files whose lines are not shown: who writes rules may not have others' files printed.
 */
#ifndef PN_COMPILER_HIDDEN_H
#define PN_COMPILER_HIDDEN_H

#include <stdbool.h>

/*
 * Is a file that rules name one that not everybody may read, by its own mode or that of
 * a folder on the way? What lies with the rules, in their folder or their repository,
 * is theirs to show, but nothing of a .git is. `rules` is the name of the rules: what
 * has no folder is where we are. False for what is no file.
 */
bool
pn_file_is_hidden(const char *path, const char *rules);

#endif
