/* The catalogue of checks: what each row of checks.def says. */
#ifndef PN_ANALYSIS_LINT_CHECKS_H
#define PN_ANALYSIS_LINT_CHECKS_H

#include "base/diagnostic.h"

enum pn_check {
#define X(id, code, name, severity, dialects, fix, removes, family, text) PN_CHECK_##id,
#include "analysis/lint/checks.def"
#undef X
    PN_CHECK_NONE
};

enum pn_fix_kind { PN_FIX_NONE, PN_FIX_SAFE, PN_FIX_UNSAFE };

/* What the edits of a check remove from a source, without changing a decision. */
enum pn_removes {
    PN_REMOVES_NO,     /* nothing, or more than that */
    PN_REMOVES_DEAD,   /* rules that decide nothing */
    PN_REMOVES_SMALLER /* what is redundant beside something that stays */
};

struct pn_check_info {
    const char *code, *name; /* promises: never reused, never renumbered */
    enum pn_severity severity;
    bool on; /* without --strict */
    bool classic, extended;
    enum pn_fix_kind fix;
    enum pn_removes removes;
    const char *text; /* the finding in one line */
};

extern const struct pn_check_info pn_check_info[PN_CHECK_NONE];

/*
 * The checks that a word names, in any case: by a code, by the beginning of codes (P3),
 * or by a name. Calls `take` (NULL: nothing) for each; how many there are.
 */
size_t
pn_check_named(struct pn_str word, void (*take)(void *payload, enum pn_check check),
               void *payload);

/* Is the word the beginning of codes, P2 or p20, and no whole one? */
bool
pn_check_is_front(struct pn_str word);

/* The code or name that is nearest to a word, else the first code that begins most like
 * it; NULL when none does. */
const char *
pn_check_near(struct pn_str word);

#endif
