/* Allocations that fail when they are told to. */
#include "tests/support/no_memory.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/support/harness.h"

/* The linker leads malloc, calloc and realloc here (--wrap). */
void *
__real_malloc(size_t size);
void *
__real_calloc(size_t count, size_t size);
void *
__real_realloc(void *old, size_t size);
void *
__real_aligned_alloc(size_t alignment, size_t size);
void *
__wrap_malloc(size_t size);
void *
__wrap_calloc(size_t count, size_t size);
void *
__wrap_realloc(void *old, size_t size);
void *
__wrap_aligned_alloc(size_t alignment, size_t size);

size_t pn_memory_calls;

enum { EACH_OF_THE_FIRST = 100 };

static size_t fail_at; /* 0: never */
static bool fail_on;   /* from that call on, not just it */

static bool
fails(void)
{
    pn_memory_calls++;
    if (!fail_at || (fail_on ? pn_memory_calls < fail_at : pn_memory_calls != fail_at))
        return false;
    errno = ENOMEM;
    return true;
}

void *
__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

/* How many allocations lie between one that fails and the next: PN_MEMORY_STEP, or 1.
 */
static size_t
sweep_step(void)
{
    const char *text = getenv("PN_MEMORY_STEP");
    size_t step = text ? (size_t)strtoul(text, NULL, 10) : 1;

    return step ? step : 1;
}

void
pn_memory_sweep(bool (*once)(void), size_t at_least)
{
    const size_t step = sweep_step();

    for (int on = 0; on < 2; on++) {
        size_t n = 0;

        fail_on = on;
        do {
            n += n < EACH_OF_THE_FIRST ? 1 : step;
            fail_at = n;
            pn_memory_calls = 0;
            (void)once();
        } while (pn_memory_calls >= n);
        fail_at = 0;
        assert_true(n > at_least);
        assert_true(once());
    }
}
