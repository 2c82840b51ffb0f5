/* The linter, with what a caller says of the server and the day. */
#include "analysis/lint/lint.h"
#include "analysis/lint/ignores.h"
#include "analysis/lint/settings.h"
#include "library/policy.h"

enum {
    EVERY_FLAG = POSTERN_SERVER_KNOWN | POSTERN_SERVER_NO_HOST |
                 POSTERN_SERVER_NO_IDENT | POSTERN_SERVER_PARANOID |
                 POSTERN_SERVER_NO_IPV4 | POSTERN_SERVER_NO_IPV6
};

/* A run of it; what the options point to is its own. */
struct run {
    struct postern_policy *policy;
    const struct postern_lint_options *told;
    struct pn_lint_options options;
    struct pn_report report;
    struct pn_trusted trusted;
    struct pn_privileged privileged;
    struct pn_loaded_policy loaded;
    struct pn_diags diags;
    struct pn_work work;
};

static struct pn_profile
profile_of(uint32_t server)
{
    return (struct pn_profile){ .no_host = server & POSTERN_SERVER_NO_HOST,
                                .no_ident = server & POSTERN_SERVER_NO_IDENT,
                                .paranoid = server & POSTERN_SERVER_PARANOID,
                                .no_v4 = server & POSTERN_SERVER_NO_IPV4,
                                .no_v6 = server & POSTERN_SERVER_NO_IPV6 };
}

static enum postern_status
against_set(struct run *run)
{
    struct postern_policy *against = run->told->against;
    enum postern_status status;

    if (!against)
        return POSTERN_OK;
    if (against->compiler != run->policy->compiler || !against->file.rules)
        return POSTERN_E_ARG;
    status = pn_policy_decode(against);
    run->options.against = against->file.rules;
    run->options.against_decoded = &against->decoded;
    return status;
}

static enum postern_status
run_begin(struct run *run)
{
    const struct postern_lint_options *told = run->told;
    const struct pn_check_choice choice = { told->only, told->ignore, told->strict };
    struct pn_str unknown;

    run->work = pn_work_for(run->policy->file.source.size);
    run->diags.limit = PN_LIBRARY_DIAGS_MAX;
    pn_report_begin(&run->report);
    run->options = (struct pn_lint_options){
        .profile = profile_of(told->server),
        .profile_known = told->server & POSTERN_SERVER_KNOWN,
        .today = told->today,
        .as_of = run->policy->compiler->options.as_of,
        .reading = run->policy->file.reading,
        .work = &run->work,
    };
    if (!pn_checks_choose(run->report.on, &choice, &unknown))
        return POSTERN_E_ARG;
    if (!pn_trusted_begin(&run->trusted))
        return POSTERN_E_NOMEM;
    if (!pn_trusted_add(&run->trusted, told->trusted))
        return POSTERN_E_ARG;
    if (run->trusted.failed || !pn_privileged_read(&run->privileged, told->privileged))
        return POSTERN_E_NOMEM;
    run->options.privileged = run->privileged.names;
    run->options.trusted =
        (struct pn_networks){ run->trusted.items, run->trusted.count };
    return against_set(run);
}

static enum postern_status
run_lint(struct run *run)
{
    if (!pn_lint_run(&run->options, &run->policy->file.source, run->told->tests,
                     &run->loaded, &run->diags, &run->report))
        return run->work.spent ? POSTERN_E_LIMIT : pn_status_of_errno();
    if (!run->told->no_ignores)
        pn_ignores_apply(&run->report, &run->loaded.unit, 0);
    pn_report_sort(&run->report, false);
    return run->report.failed ? POSTERN_E_NOMEM : POSTERN_OK;
}

static enum postern_status
run_hand_out(struct run *run, struct postern_report **out)
{
    struct postern_report *report = pn_public_report_new(run->policy->compiler);

    if (!report || !pn_public_report_add_findings(report, &run->report)) {
        pn_public_report_clear(report);
        return POSTERN_E_NOMEM;
    }
    *out = report;
    return POSTERN_OK;
}

static void
run_end(struct run *run)
{
    pn_loaded_policy_clear(&run->loaded);
    pn_diags_clear(&run->diags);
    pn_report_clear(&run->report);
    pn_trusted_clear(&run->trusted);
    pn_privileged_clear(&run->privileged);
}

enum postern_status
postern_policy_lint(struct postern_policy *policy,
                    const struct postern_lint_options *options,
                    struct postern_report **out)
{
    static const struct postern_lint_options nothing = POSTERN_LINT_OPTIONS_INIT;
    struct run run = { .policy = policy, .told = options ? options : &nothing };
    struct pn_call call;
    enum postern_status status;

    if (!policy || !out || !PN_IS_KNOWN(run.told) || !pn_is_date(run.told->today) ||
        run.told->server & ~(uint32_t)EVERY_FLAG)
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, policy->compiler);
    if (status != POSTERN_OK)
        return status;
    status = run_begin(&run);
    if (status == POSTERN_OK)
        status = run_lint(&run);
    if (status == POSTERN_OK)
        status = run_hand_out(&run, out);
    run_end(&run);
    return pn_call_end(&call, status);
}
