/* NAME.rules has its tests in NAME_test.rules. */
#ifndef PN_TOOLS_TEST_NAME_H
#define PN_TOOLS_TEST_NAME_H

#include <stdbool.h>

bool
pn_name_ends_in(const char *name, const char *end);

/* The name with `from`, at its end, replaced by `to`; to be freed, NULL without memory.
 */
char *
pn_name_renamed(const char *name, const char *from, const char *to);

#define PN_RULES_END ".rules"
#define PN_TESTS_END "_test.rules"

#endif
