/* Pieces of work that know nothing of one another, on as many threads. */
#ifndef PN_BASE_SIDE_BY_SIDE_H
#define PN_BASE_SIDE_BY_SIDE_H

#include <stddef.h>

enum { PN_SIDE_BY_SIDE_MAX = 64 };

/*
 * Calls work(payload) for each of up to PN_SIDE_BY_SIDE_MAX payloads, of `size` bytes
 * each, and returns when all have ended. What finds no thread of its own, as when the
 * system has none to give, is done by the caller; all of it where the caller has
 * entered a budget, which counts for one thread: a program that embeds us gets no
 * threads from us.
 */
void
pn_side_by_side(void (*work)(void *payload), void *payloads, size_t size, size_t count);

#endif
