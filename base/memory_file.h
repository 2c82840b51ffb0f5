/* Files without a name, in memory. */
#ifndef PN_BASE_MEMORY_FILE_H
#define PN_BASE_MEMORY_FILE_H

#include "base/str.h"

/*
 * A file without a name, for a temporary image: open for reading and writing, close-on-
 * exec. The caller closes it. -1 with errno set.
 */
int
pn_memory_file(void);

/* The same with a text in it, to be read from its beginning. */
int
pn_memory_file_of(struct pn_str text);

#endif
