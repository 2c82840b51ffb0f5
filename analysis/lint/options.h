/* What the linter is told about the server, the networks and the time. */
#ifndef PN_ANALYSIS_LINT_OPTIONS_H
#define PN_ANALYSIS_LINT_OPTIONS_H

#include "analysis/survey.h"
#include "base/work.h"
#include "compiler/image_decode.h"
#include "compiler/kept_lists.h"
#include "compiler/unit.h"

/* A network that counts as trusted. */
struct pn_network {
    pn_number first, last;
    uint8_t family;
};

/* The items are the caller's. */
struct pn_networks {
    const struct pn_network *items;
    size_t count;
};

struct pn_lint;

/* What it points to is the caller's, and must outlive the linting. */
struct pn_lint_options {
    struct pn_profile profile;
    bool profile_known;    /* else the server may do anything */
    bool limits_patch;     /* it obeys MAXCONNIP and its like */
    uint32_t penalty_most; /* seconds that it refuses a source for; 0: not known */
    bool no_penalties;     /* the server that is known obeys none */
    /* the line of a run script that gives the profile; NULL: none does */
    const struct pn_source *profile_source;
    struct pn_span profile_span;
    uint32_t today, as_of;         /* YYYYMMDD; as_of 0: today */
    const char *const *privileged; /* names of variables, NULL at the end */
    struct pn_networks trusted;
    /* an earlier compiled policy, to compare lists with; NULL for none */
    const struct postern_rules *against;
    const struct pn_decoded *against_decoded;
    struct pn_reading reading; /* reads what the policy names */
    /* days since a file of the policy was written, or -1; may be NULL */
    int (*age_of)(void *payload, const char *path);
    void *payload; /* of age_of */
    /* called with what is known of a policy, before that is thrown away; may be NULL */
    void (*look)(void *look_payload, const struct pn_lint *lint);
    void *look_payload; /* of look */
    /* as pn_policy_options has them; they outlive the policy */
    struct pn_kept_lists *kept_lists;
    struct pn_kept_files *kept_files;
    struct pn_work *work; /* limits what linting may take; NULL: no limit */
};

#endif
