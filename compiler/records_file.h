/* A constant database of records as they are. */
#ifndef PN_COMPILER_RECORDS_FILE_H
#define PN_COMPILER_RECORDS_FILE_H

#include <stdbool.h>

#include "base/str.h"

/* The next record; false at the end. */
typedef bool (*pn_records_next_fn)(void *payload, struct pn_str *key,
                                   struct pn_str *value);

/*
 * Writes a database to an empty file, which is open for reading and writing. False with
 * errno set; what is in the file then is none.
 */
bool
pn_records_write(int fd, pn_records_next_fn next, void *payload);

#endif
