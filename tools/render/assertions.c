/* The language of expect and always, written. */
#include "tools/render/assertions.h"

#include <string.h>

#include "compiler/literal.h"
#include "compiler/query_text.h"
#include "tools/render/answer.h"

bool
pn_assertion_query_is_fine(const struct postern_query *query)
{
    return !query->host.ptr ||
           pn_host_is_sayable((struct pn_str){ query->host.ptr, query->host.len });
}

void
pn_assertion_unsayable_write(struct pn_output *out, const struct postern_query *query)
{
    pn_output_text(out, "# no expectation can name the host of ");
    pn_query_text(out, query);
    pn_output_text(out, "\n");
}

bool
pn_assertion_name_is_fine(struct postern_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';

        if (!letter && !(i && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

static bool
is_name(const struct postern_env *env, struct postern_str name)
{
    return env->value.ptr && env->name.len == name.len &&
           memcmp(env->name.ptr, name.ptr, name.len) == 0;
}

bool
pn_decision_sets(const struct postern_decision *decision, struct postern_str name)
{
    struct postern_env_iter iter = decision->env;
    struct postern_env env;

    while (decision->verdict == POSTERN_ALLOW && postern_env_next(&iter, &env))
        if (is_name(&env, name))
            return true;
    return false;
}

/* Of two with one name the last counts. */
static bool
is_last(struct postern_env_iter rest, const struct postern_env *env)
{
    struct postern_env later;

    while (postern_env_next(&rest, &later))
        if (is_name(&later, env->name))
            return false;
    return true;
}

void
pn_assertions_write(struct pn_output *out, const struct postern_decision *decision)
{
    struct postern_env_iter iter = decision->env;
    struct pn_buffer text = { 0 };
    struct postern_env env;

    pn_output_text(out, decision->verdict == POSTERN_ALLOW ? "allow" : "deny");
    while (decision->verdict == POSTERN_ALLOW && postern_env_next(&iter, &env)) {
        if (!env.value.ptr || !pn_assertion_name_is_fine(env.name) ||
            !is_last(iter, &env))
            continue;
        text.size = 0;
        pn_value_write(&text, (struct pn_str){ env.value.ptr, env.value.len });
        pn_output_text(out, ", ");
        pn_output_add(out, env.name.ptr, env.name.len);
        pn_output_text(out, "=");
        pn_output_add(out, text.bytes, text.size);
        out->pending.failed |= text.failed;
    }
    text.size = 0;
    pn_admission_write(&text, decision);
    pn_output_add(out, text.bytes, text.size);
    out->pending.failed |= text.failed;
    pn_buffer_free(&text);
}
