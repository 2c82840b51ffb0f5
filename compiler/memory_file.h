/* A file that has no name: where an image is compiled to when nobody keeps it. */
#ifndef PN_COMPILER_MEMORY_FILE_H
#define PN_COMPILER_MEMORY_FILE_H

/* Open for reading and writing, closed on exec; -1 with errno set. The caller closes
 * it. */
int
pn_memory_file(void);

#endif
