/* See lint_world.h. */
#include "tests/support/lint_world.h"

#include "tests/support/harness.h"

struct pn_lint_options
pn_lint_world_options(void)
{
    static const char *const privileged[] = { "RELAYCLIENT", NULL };

    return (struct pn_lint_options){ .reading = PN_READING_FILES,
                                     .privileged = privileged,
                                     .today = 20261201 };
}

void
pn_lint_world_run(struct pn_lint_world *world, const struct pn_lint_options *options,
                  const char *text, size_t size)
{
    *world = (struct pn_lint_world){ .diags = { .limit = 100 } };
    pn_report_begin(&world->report);
    for (int c = 0; c < PN_CHECK_NONE; c++)
        world->report.on[c] = true;
    assert_true(pn_source_from_text(&world->source, "small.rules",
                                    (struct pn_str){ text, size }));
    assert_true(pn_lint_run(options, &world->source, NULL, &world->loaded,
                            &world->diags, &world->report));
}

void
pn_lint_world_clear(struct pn_lint_world *world)
{
    pn_loaded_policy_clear(&world->loaded);
    pn_report_clear(&world->report);
    pn_diags_clear(&world->diags);
    pn_source_clear(&world->source);
}

bool
pn_lint_world_has(const struct pn_lint_world *world, enum pn_check check, size_t line)
{
    for (size_t i = 0; i < world->report.count; i++)
        if (world->report.items[i].check == check &&
            world->report.items[i].at.line == line)
            return true;
    return false;
}
