/* A rule file that is replaced while it is watched, in a temporary folder. */
#ifndef PN_TESTS_SUPPORT_LIVE_RULES_H
#define PN_TESTS_SUPPORT_LIVE_RULES_H

/* Its path, once the folder is there. */
extern char pn_live_path[64];

/* For cmocka_run_group_tests(): makes and removes the folder. */
int
pn_live_setup(void **state);

int
pn_live_teardown(void **state);

/* Compiles a text over the file that is there: not by rename. */
void
pn_live_install(const char *text);

/* Compiles a text and renames it into place. */
void
pn_live_replace(const char *text);

#endif
