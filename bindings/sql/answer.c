/* Reading a decision, for an engine of SQL. */
#include "bindings/sql/answer.h"

#include <string.h>

bool
pn_answer_env(const struct postern_decision *decision, struct postern_str name,
              struct postern_str *out)
{
    struct postern_env_iter iter = decision->env;
    struct postern_env env, last = { .value = POSTERN_STR_INIT };

    while (postern_env_next(&iter, &env))
        if (env.name.len == name.len && memcmp(env.name.ptr, name.ptr, name.len) == 0)
            last = env;
    if (!last.value.ptr)
        return false;
    *out = last.value;
    return true;
}
