/* Every allocation fails in turn: for programs that are linked with --wrap. */
#ifndef PN_TESTS_SUPPORT_NO_MEMORY_H
#define PN_TESTS_SUPPORT_NO_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

extern size_t pn_memory_calls; /* since it was set to 0 */

/*
 * Fails the n-th allocation for every n, and then all from it on, until there are not
 * so many; that there are more than `at_least` is asserted, and that it goes well then.
 */
void
pn_memory_sweep(bool (*once)(void), size_t at_least);

#endif
