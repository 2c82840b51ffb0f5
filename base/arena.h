/*
 * An arena: memory that is freed all at once, for syntax trees and what lives as long.
 */
#ifndef PN_BASE_ARENA_H
#define PN_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An allocation that fails returns NULL and is remembered: callers carry on, and
 * ask pn_arena_failed() once, at the end. Not for use by two threads at once.
 */
struct pn_arena;

struct pn_arena *
pn_arena_new(void); /* NULL when out of memory */

void
pn_arena_free(struct pn_arena *arena); /* NULL is fine */

/* Aligned for any type, all bytes 0. Memory lives until the next clear or free. */
void *
pn_arena_zalloc(struct pn_arena *arena, size_t size);

/* Forgets every object but keeps the first block, so that a loop allocates once. */
void
pn_arena_clear(struct pn_arena *arena);

bool
pn_arena_failed(const struct pn_arena *arena);

#endif
