/* The survey of a policy of the small world, against brute force. */
#ifndef PN_TESTS_SUPPORT_SURVEY_CHECK_H
#define PN_TESTS_SUPPORT_SURVEY_CHECK_H

#include "analysis/survey.h"
#include "tests/support/small_world.h"

enum { PN_SURVEY_RULES_MAX = PN_SMALL_RULES_MAX + 1 };

/* A policy of the small world, and what is asked of it. */
struct pn_survey_case {
    struct pn_small_rule rules[PN_SURVEY_RULES_MAX];
    size_t items[PN_SURVEY_RULES_MAX]; /* of each rule */
    size_t count, item_count;
    struct pn_buffer text;
    struct pn_profile profile;
    const char *const *hosts, *const *idents; /* to ask with, none first */
    size_t host_count, ident_count;
    bool six; /* ask IPv6 addresses too */
};

/* Fails the test when an item lives, or is needed, otherwise than the survey says. */
void
pn_survey_check(const struct pn_survey_case *w);

#endif
