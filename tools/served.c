/* Load, emit, open, lift. */
#include "tools/served.h"

#include <errno.h>
#include <unistd.h>

#include "analysis/lint/classic_key.h"
#include "compiler/ask.h"
#include "compiler/memory_file.h"

bool
pn_served_make(struct pn_served *out, const struct pn_source *source,
               struct pn_reading reading)
{
    const struct pn_policy_options options = { .is_left_out =
                                                   pn_classic_key_is_faulty };
    struct pn_diags diags = { 0 };
    struct pn_program program;
    enum pn_compile_result result;
    int fd = pn_memory_file();
    bool good = fd >= 0;

    *out = (struct pn_served){ 0 };
    if (!good)
        return false;
    result = pn_program_load_by(&program, source, NULL, &options, &diags, reading);
    if (result == PN_COMPILE_OK)
        result = pn_program_emit(&program, fd, false);
    if (result == PN_COMPILE_OK)
        good = postern_rules_open_fd(fd, 0, &out->rules) == POSTERN_OK &&
               pn_lift(&out->lifted, fd, NULL) == PN_LIFT_OK;
    else
        good = result == PN_COMPILE_REFUSED;
    if (!good)
        errno = ENOMEM;
    pn_program_clear(&program);
    pn_diags_clear(&diags);
    close(fd);
    return good;
}

void
pn_served_clear(struct pn_served *served)
{
    postern_rules_close(served->rules);
    pn_lifted_clear(&served->lifted);
    *served = (struct pn_served){ 0 };
}

enum postern_status
pn_served_decide(const struct pn_served *served, const struct postern_query *query,
                 struct pn_answer *out)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status;

    status = pn_ask(served->rules, query, &answer.decision);
    if (status == POSTERN_OK && answer.decision.rule != POSTERN_RULE_NONE)
        status = postern_rules_origin(served->rules, answer.decision.rule, &origin);
    if (status != POSTERN_OK)
        return status;
    pn_answer_place(&answer, &origin);
    *out = answer;
    return POSTERN_OK;
}
