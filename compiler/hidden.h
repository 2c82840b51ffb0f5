/*
 * Files whose lines are not shown, so that rules cannot be used to print other users'
 * files.
 */
#ifndef PN_COMPILER_HIDDEN_H
#define PN_COMPILER_HIDDEN_H

#include <stdbool.h>

/*
 * Is a file that rules name unreadable for others, by its own mode or that of a folder
 * on the way? Files in the folder or the repository of the rules may be shown, except
 * in .git. `rules` is the name of the rules; one without a folder is in the working
 * directory. False for what is no file.
 */
bool
pn_file_is_hidden(const char *path, const char *rules);

#endif
