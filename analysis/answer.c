/* Places of answers, and environments; assignments are sorted, so that a rule with many
 * of them takes no quadratic time. */
#include "analysis/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

void
pn_answer_place(struct pn_answer *answer, const struct postern_origin *origin)
{
    answer->nobody = origin->file.ptr && !origin->line;
    answer->target = origin->target;
    if (!answer->nobody)
        answer->file = origin->file;
    answer->line = origin->line;
    answer->owner = origin->owner;
    answer->ticket = origin->ticket;
    answer->until = origin->until;
}

static int
by_place(const void *left, const void *right)
{
    const struct postern_env *a = left, *b = right;

    return (a->assignment > b->assignment) - (a->assignment < b->assignment);
}

static int
compare_names(const struct postern_env *a, const struct postern_env *b)
{
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = memcmp(a->name.ptr, b->name.ptr, len);

    if (order)
        return order;
    return (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static int
by_name(const void *left, const void *right)
{
    int order = compare_names(left, right);

    return order ? order : by_place(left, right);
}

/* Of each run of equal names the last one stays. */
static size_t
keep_last(struct postern_env *items, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || compare_names(&items[i], &items[i + 1]) != 0)
            items[kept++] = items[i];
    return kept;
}

struct pn_environment
pn_environment_of(const struct pn_answer *answer)
{
    struct pn_environment environment = { 0 };
    struct postern_env_iter iter = answer->decision.env;
    struct postern_env env;
    size_t capacity = 0;

    if (answer->decision.verdict != POSTERN_ALLOW)
        return environment;
    while (postern_env_next(&iter, &env)) {
        if (!env.value.ptr) /* a name without its sign sets nothing */
            continue;
        if (!pn_vector_reserve(&environment.items, &capacity, environment.count + 1,
                               sizeof(env))) {
            pn_environment_free(&environment);
            environment.failed = true;
            return environment;
        }
        environment.items[environment.count++] = env;
    }
    if (environment.count > 1) {
        qsort(environment.items, environment.count, sizeof(env), by_name);
        environment.count = keep_last(environment.items, environment.count);
        qsort(environment.items, environment.count, sizeof(env), by_place);
    }
    return environment;
}

void
pn_environment_free(struct pn_environment *environment)
{
    pn_free(environment->items);
    *environment = (struct pn_environment){ 0 };
}
