/* Translation validation: is the file that was written the one that was meant? */
#ifndef PN_COMPILER_READBACK_H
#define PN_COMPILER_READBACK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the records of a classic image in order, through a small buffer, and compares
 * their number and digest with those given; the tables must have room for them all.
 * False on a difference (errno is 0) or when it cannot be read.
 */
bool
pn_readback(int fd, uint64_t records, uint64_t digest);

#endif
