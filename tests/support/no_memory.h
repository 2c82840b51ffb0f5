/* Every allocation fails in turn: for programs that are linked with --wrap. */
#ifndef PN_TESTS_SUPPORT_NO_MEMORY_H
#define PN_TESTS_SUPPORT_NO_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

extern size_t pn_memory_calls; /* since it was set to 0 */

/*
 * Fails the n-th allocation for every n, and then all from it on, until there are not
 * so many; asserts that there are more than `at_least`, and that `once` succeeds when
 * none fails. With PN_MEMORY_STEP in the environment, only one in so many fails, after
 * the first hundred.
 */
void
pn_memory_sweep(bool (*once)(void), size_t at_least);

#endif
