/*
 * Counting by malloc_usable_size(3), so that nothing is stored beside a block. Of what
 * is large, the kernel is asked for large pages: a fault for each page of 4 KiB was a
 * third of the time of a compile.
 */
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifndef __wasi__
#include <sys/mman.h>
#endif

/* Of less than LARGE, the rest of a large page would be as much again. */
enum {
    SMALL_PAGE = 4 << 10,
    LARGE_PAGE = 2 << 20,
    LARGE = 2 * LARGE_PAGE,
    MAPPED = 1 << 20 /* what has a mapping of its own */
};

static _Thread_local struct pn_budget *current;

struct pn_budget *
pn_budget_enter(struct pn_budget *budget)
{
    struct pn_budget *before = current;

    current = budget;
    return before;
}

bool
pn_budget_is_entered(void)
{
    return current;
}

bool
pn_budget_goes_on(void)
{
    return !current || !atomic_load_explicit(&current->cancelled, memory_order_relaxed);
}

/* May so many bytes more be taken? */
static bool
budget_allows(struct pn_budget *budget, size_t size)
{
    if (atomic_load_explicit(&budget->cancelled, memory_order_relaxed)) {
        errno = ENOMEM;
        return false;
    }
    if (!budget->limit ||
        (budget->used <= budget->limit && size <= budget->limit - budget->used))
        return true;
    budget->exceeded = true;
    errno = ENOMEM;
    return false;
}

static void
budget_count(struct pn_budget *budget, size_t size)
{
    budget->used += size;
    if (budget->used > budget->peak)
        budget->peak = budget->used;
}

static void *
budget_took(struct pn_budget *budget, void *memory)
{
    if (memory)
        budget_count(budget, malloc_usable_size(memory));
    return memory;
}

/* What was allocated before the budget was entered is not counted in it. */
void
pn_budget_give(struct pn_budget *budget, size_t size)
{
    budget->used -= size < budget->used ? size : budget->used;
}

bool
pn_budget_take(struct pn_budget *budget, size_t size)
{
    if (!budget_allows(budget, size))
        return false;
    budget_count(budget, size);
    return true;
}

/* Asks for large pages where there is room for them; it is as well without. */
static void *
in_large_pages(void *memory, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t first = (uintptr_t)memory, end = first + size + SMALL_PAGE - 1;
    int saved_errno = errno;

    if (memory && size >= LARGE) { /* the whole mapping: one in parts cannot grow */
        first -= first % SMALL_PAGE;
        (void)madvise((void *)first, end - end % SMALL_PAGE - first, MADV_HUGEPAGE);
        errno = saved_errno;
    }
#else
    (void)size;
#endif
    return memory;
}

void
pn_memory_of_program(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED); /* it would rise with each that is freed */
}

void *
pn_malloc(size_t size)
{
    struct pn_budget *budget = current;

    if (!budget)
        return in_large_pages(malloc(size), size);
    return budget_allows(budget, size)
               ? budget_took(budget, in_large_pages(malloc(size), size))
               : NULL;
}

/* A table that is filled at random is read before it is written, page by page: small
 * ones would fault twice, and the second time stop the threads beside this one. */
static void *
zeros(size_t count, size_t size)
{
    return in_large_pages(calloc(count, size), count * size);
}

void *
pn_calloc(size_t count, size_t size)
{
    struct pn_budget *budget = current;

    if (!budget)
        return zeros(count, size);
    /* a product that wraps is refused by calloc(3) */
    return budget_allows(budget, size && count > (size_t)-1 / size ? 0 : count * size)
               ? budget_took(budget, zeros(count, size))
               : NULL;
}

void *
pn_realloc(void *memory, size_t size)
{
    struct pn_budget *budget = current;
    size_t before;
    void *moved;

    if (!budget)
        return in_large_pages(realloc(memory, size), size);
    before = memory ? malloc_usable_size(memory) : 0;
    if (size > before && !budget_allows(budget, size - before))
        return NULL;
    moved = in_large_pages(realloc(memory, size), size);
    if (!moved)
        return NULL;
    pn_budget_give(budget, before);
    return budget_took(budget, moved);
}

void *
pn_aligned_alloc(size_t alignment, size_t size)
{
    struct pn_budget *budget = current;

    if (!budget)
        return aligned_alloc(alignment, size);
    return budget_allows(budget, size)
               ? budget_took(budget, aligned_alloc(alignment, size))
               : NULL;
}

char *
pn_strdup(const char *text)
{
    return pn_strndup(text, strlen(text));
}

char *
pn_strndup(const char *text, size_t len)
{
    size_t size = strnlen(text, len);
    char *copy = pn_malloc(size + 1);

    if (copy) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

void
pn_free(void *memory)
{
    if (current && memory)
        pn_budget_give(current, malloc_usable_size(memory));
    free(memory);
}
