/*
 * The heap, as base/, grammar/, compiler/ and analysis/ take from it: the calls of
 * <stdlib.h>, counted against a budget where somebody has set one.
 */
#ifndef PN_BASE_MEMORY_H
#define PN_BASE_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * What a thread may take from the heap, and whether it is to stop: then every further
 * allocation fails, and the work ends as it does without memory. That is how an
 * embedding program limits and cancels what it asks for. The struct is its owner's; all
 * but `cancelled` belongs to the thread that has entered it.
 */
struct pn_budget {
    size_t limit;          /* bytes; 0: none */
    size_t used, peak;     /* bytes, as the allocator counts them */
    bool exceeded;         /* an allocation failed because of the limit */
    atomic_bool cancelled; /* set by any thread */
};

/*
 * Counts what this thread allocates and frees against a budget from now on; NULL: no
 * longer. Returns the budget before, for the caller to enter again at its end.
 */
struct pn_budget *
pn_budget_enter(struct pn_budget *budget);

/* Does this thread count against a budget? */
bool
pn_budget_is_entered(void);

/* May the work of this thread go on? False when its budget is cancelled. */
bool
pn_budget_goes_on(void);

/*
 * Counts bytes that are no blocks of the heap, such as a file in memory; false when
 * there may not be so many more.
 */
bool
pn_budget_take(struct pn_budget *budget, size_t size);

void
pn_budget_give(struct pn_budget *budget, size_t size);

/*
 * For a program whose arrays grow to tens of megabytes, at its start: they stay
 * mappings of their own, which grow where they are, whatever was freed before.
 */
void
pn_memory_of_program(void);

/* As the functions of <stdlib.h> and <string.h>. */
void *
pn_malloc(size_t size);

void *
pn_calloc(size_t count, size_t size);

void *
pn_realloc(void *memory, size_t size);

void *
pn_aligned_alloc(size_t alignment, size_t size);

char *
pn_strdup(const char *text);

char *
pn_strndup(const char *text, size_t len);

void
pn_free(void *memory);

#endif
