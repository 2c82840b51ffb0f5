/* tools/lint_server: the words of tcpserver are cut as tcpserver cuts them */
#include "tests/support/harness.h"

#include <stdio.h>

#include "server/config.h"
#include "tools/lint_server.h"
#include "tools/verbs.h"

/* Behind every option the linter finds HOST and PORT, with its argument apart or not.
 */
static void
host_and_port_are_found_behind_every_option(void **state)
{
    (void)state;
    for (size_t i = 0; i < srv_tcpserver.option_count; i++) {
        const struct srv_option *row = &srv_tcpserver.options[i];
        const char *const gaps[] = { " 7", "7" };

        for (size_t k = 0; row->letter && k < (row->argument ? 2 : 1); k++) {
            struct pn_tool tool = { .verb = pn_verb_find("lint") };
            struct pn_server_flags flags;
            char text[80];

            snprintf(text, sizeof(text), "-%c%s 127.0.0.1 25 true", row->letter,
                     row->argument ? gaps[k] : "");
            assert_int_equal(pn_server_flags_read(&tool, text, &flags), PN_EXIT_OK);
            if (!flags.port || strcmp(flags.port, "25") != 0 || !flags.profile.no_v6)
                fail_msg("%s: port %s", text, flags.port ? flags.port : "(none)");
            pn_server_flags_clear(&flags);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_and_port_are_found_behind_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
