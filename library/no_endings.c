/* In the process of somebody else signals are theirs: nothing is remembered for them.
 */
#include "compiler/temporaries.h"

void
pn_temporaries_add(int at, const char *name)
{
    (void)at;
    (void)name;
}

void
pn_temporaries_forget(int at, const char *name)
{
    (void)at;
    (void)name;
}
