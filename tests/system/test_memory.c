/* Every allocation of a compile, of an open and of a watch fails in turn. */
#include "tests/support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/lint/ignores.h"
#include "compiler/compile.h"
#include "compiler/image.h"
#include "grammar/parse.h"
#include "tests/support/lint_world.h"
#include "tests/support/no_memory.h"
#include "tools/lint_fix.h"
#include "tools/render/findings.h"
#include "tools/verbs.h"

static char text[40000];

static void
fill_text(void)
{
    size_t at = 0;

    for (int i = 0; at < sizeof(text) - 600; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at,
                               "10.%d.%d-%d.:allow,A=\"%d\",B=\"%0*d\"\n", i % 256,
                               i % 9, i % 9 + 3, i, i % 300 + 1, 7);
}

/* One compile from a descriptor, as tcprules does it; true when it went well. */
static bool
compile_once(void)
{
    static const struct pn_compile_options options = { 0 };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    int in = pn_test_file(text, strlen(text)), out = pn_memory_file();
    enum pn_compile_result result;
    struct pn_reader reader;

    pn_reader_begin(&reader, "s", in);
    result = pn_compile(&reader, out, &options, &diags);
    pn_reader_end(&reader);
    pn_diags_clear(&diags);
    close(in);
    close(out);
    if (result != PN_COMPILE_OK)
        assert_int_equal(result, PN_COMPILE_MEMORY);
    return result == PN_COMPILE_OK;
}

/* A list with every kind of thing that is told of one. */
static bool
list_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    static const char list[] = "192.0.2.0/24 ; x\n192.0.2.7/24\n64.0.0.0/2\n"
                               "192.0.2.1 - 192.0.2.9\n010.1.2.3\n10.1.*\n"
                               "192.0.2.1 192.0.2.9\n192.0.2.7/255.255.255.0\n"
                               "\"192.0.2.7\"\n2001:db8:*\n192.0.2.0 24\n"
                               "sshd: 192.0.2.7\n2001:db8::1/40";

    (void)payload;
    (void)limit;
    if (pn_source_from_text(out, path, (struct pn_str){ list, sizeof(list) - 1 }))
        return true;
    errno = ENOMEM;
    return false;
}

/* One compile of a text in memory, which ends as is wanted when there is memory enough.
 */
static bool
text_once(char *policy, enum pn_compile_result wanted, bool as_classic)
{
    struct pn_compile_options options = { .prove = true,
                                          .warn = true,
                                          .as_classic = as_classic,
                                          .reading = { list_read, NULL, NULL, 0 } };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_source source = { .name = "s", .text = policy, .size = strlen(policy) };
    int out = pn_memory_file();
    enum pn_compile_result result;
    struct pn_reader reader;

    pn_reader_begin_source(&reader, &source);
    result = pn_compile(&reader, out, &options, &diags);
    pn_reader_end(&reader);
    pn_diags_clear(&diags);
    close(out);
    if (result != wanted)
        assert_int_equal(result, PN_COMPILE_MEMORY);
    return result == wanted;
}

/* An extended text with every construct that allocates memory. */
static bool
extended_once(void)
{
    static char policy[] = "postern: 1\nset s = 10.0.0.0/8, $t except 10.1.0.0/16\n"
                           "set t = {\n2001:db8::/32\n::1-::77 }\nenv e = A=\"b\"\n"
                           "$t except ::5, 10.1.2.3 : allow, $e\nj@=h, j@10.1. : deny\n"
                           "10.7.0.0/16, =bad.x : block\n$t : allow, $e, C=\"d\"\n"
                           "=.x, =h.y, 1.2.3.0-255, 1-99. : deny\n* : deny\n"
                           "5.5.5.5 : allow, limit 2, owner \"o\"\n"
                           "expect 5.5.5.5 =h.y : allow, by 5.5.5.5, !C\n"
                           "always $t : A=\"b\"\nalways !$s : deny assuming no host\n";

    return text_once(policy, PN_COMPILE_REFUSED, false);
}

/* A policy that holds what it claims, and is spelt out as a classic file. */
static bool
classic_once(void)
{
    static char policy[] = "postern: 1\nset s = 10.0.0.0/12 except 10.1.0.0/16\n"
                           "$s, =.x : allow, A=\"b\"\nj@10.1.2.3, j@=h.x : deny\n"
                           "* : deny\nexpect 10.0.0.1 : A=\"b\", by $s\n"
                           "always 10.1.0.0/16 : deny assuming no host\n"
                           "always $s : allow assuming no ident\n";

    return text_once(policy, PN_COMPILE_OK, true);
}

static bool
lists_once(void)
{
    static char policy[] = "postern: 1\nset l = file \"l\"\n$l : block\n* : allow\n";

    return text_once(policy, PN_COMPILE_REFUSED, false);
}

/* Classic lines that cause warnings. */
static bool
warn_once(void)
{
    static char odd[] = "word\n10.9-3.:deny\n10.1:deny\n";

    return text_once(odd, PN_COMPILE_OK, false);
}

/* A compile of faulty lines keeps copies of them. */
static bool
refuse_once(void)
{
    static char faulty[] = "a:b\nc:allow,d\n";

    return text_once(faulty, PN_COMPILE_REFUSED, false);
}

static bool
tree_once(void)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_source source = { .name = "s", .text = text, .size = strlen(text) };
    struct pn_arena *arena = pn_arena_new();
    struct pn_tree tree;
    bool good = arena && pn_parse_tree(&source, PN_CLASSIC, &diags, arena, &tree);

    if (good)
        free(tree.tokens);
    pn_arena_free(arena);
    pn_diags_clear(&diags);
    return good;
}

static int image_fd = -1;
static char image_path[64];

static bool
open_once(void)
{
    struct postern_rules *rules = NULL;
    enum postern_status status =
        postern_rules_open_fd(image_fd, POSTERN_OPEN_COPY | POSTERN_OPEN_CHECK, &rules);

    if (status != POSTERN_OK) {
        assert_int_equal(status, POSTERN_E_NOMEM);
        assert_null(rules);
        return false;
    }
    postern_rules_close(rules);
    return true;
}

static bool
watch_once(void)
{
    struct postern_watch *watch = NULL;
    const struct postern_rules *rules;
    enum postern_status status =
        postern_watch_open(image_path, POSTERN_OPEN_COPY, &watch);

    if (status == POSTERN_OK) {
        status = postern_watch_acquire(watch, &rules);
        if (status == POSTERN_OK)
            postern_watch_release(watch, rules);
    }
    postern_watch_close(watch);
    if (status != POSTERN_OK)
        assert_int_equal(status, POSTERN_E_NOMEM);
    return status == POSTERN_OK;
}

static char lint_text[] =
    "postern: 1\nset s = 10.0.0.0/8, 10.1.0.0/16, =mx.x.example\n"
    "set t = {\n2001:DB8::/32\n::1-::77\n}\nenv e = A=\"b\"\n"
    "$s : allow, $e\nj@=h.x, j@10.1. : allow\n10.7.0.0/16, =bad.x : block\n"
    "$t except ::5 : deny, C=\"d\"\n10.2.0.0/16, 10.3.0.0/16 : deny\n"
    "10.2.1.1 : deny # postern: ignore P301 -- so\n=.x, =h.y, 1.2.3.0-255 : deny\n"
    "=.co.uk : allow, RELAYCLIENT=\"\"\n10.2.0.0/16 : allow, until 2020-01-01\n"
    "* : deny\nexpect 10.2.1.1 : deny\nexpect 10.2.1.1 : deny\n";

/* Every pass of the linter, and each form of a report. */
static bool
lint_once(void)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_source source = { .name = "s",
                                .text = lint_text,
                                .size = strlen(lint_text) };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_loaded_policy loaded = { 0 };
    struct pn_report report;
    struct pn_findings findings = { .report = &report, .max = 100, .seconds = -1 };
    struct pn_output out = { .fd = open("/dev/null", O_WRONLY | O_CLOEXEC) };
    bool good;

    pn_report_begin(&report);
    for (int c = 0; c < PN_CHECK_NONE; c++)
        report.on[c] = true;
    good = !report.failed &&
           pn_lint_run(&options, &source, NULL, &loaded, &diags, &report);
    if (good) {
        pn_ignores_apply(&report, &loaded.unit, 0);
        pn_report_sort(&report, true);
        good = !report.failed;
    }
    for (int f = 0; f < PN_FINDINGS_FORMATS && good; f++)
        pn_findings_render[f](&out, &findings);
    good = pn_output_end(&out) && good;
    close(out.fd);
    pn_loaded_policy_clear(&loaded);
    pn_report_clear(&report);
    pn_diags_clear(&diags);
    return good;
}

/* Fixes, round by round, with the proofs between. */
static bool
fix_once(void)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_tool tool = { .verb = pn_verb_find("lint") };
    bool on[PN_CHECK_NONE];
    struct pn_fix_operand operands[] = {
        { .name = image_path, .options = &options, .on = on },
        { .name = image_path, .options = &options, .on = on },
    };
    struct pn_fixing fixing = { .tool = &tool,
                                .operands = operands,
                                .count = PN_COUNT_OF(operands) };
    struct pn_drafts drafts = { 0 };
    bool good;

    for (int c = 0; c < PN_CHECK_NONE; c++)
        on[c] = pn_check_info[c].on;
    good = pn_fix_run(&fixing, &drafts) == PN_EXIT_OK;
    if (good)
        pn_drafts_diff(&tool.out, &(const struct pn_style){ 0 }, &drafts);
    good = good && !tool.out.pending.failed;
    pn_buffer_free(&tool.out.pending);
    pn_buffer_free(&tool.err.pending);
    pn_fixing_clear(&fixing);
    for (size_t i = 0; i < fixing.count; i++)
        pn_fix_operand_clear(&operands[i]);
    pn_drafts_clear(&drafts);
    return good;
}

static void
a_compile_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(compile_once, 5);
}

static void
an_extended_compile_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(extended_once, 50);
}

static void
a_classic_spelling_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(classic_once, 50);
}

static void
a_refusal_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(refuse_once, 3);
}

static void
lists_survive_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(lists_once, 50);
}

static void
warnings_survive_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(warn_once, 5);
}

static void
a_tree_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(tree_once, 5);
}

static void
an_open_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(open_once, 2);
}

static void
a_watch_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(watch_once, 3);
}

static void
a_lint_survives_every_failed_allocation(void **state)
{
    (void)state;
    pn_memory_sweep(lint_once, 200);
}

static void
mends_survive_every_failed_allocation(void **state)
{
    int fd = pn_test_file(lint_text, strlen(lint_text));
    char kept[sizeof(image_path)];

    (void)state;
    memcpy(kept, image_path, sizeof(kept));
    snprintf(image_path, sizeof(image_path), "/proc/self/fd/%d", fd);
    pn_memory_sweep(fix_once, 200);
    memcpy(image_path, kept, sizeof(kept));
    close(fd);
}

static void
a_decision_allocates_nothing(void **state)
{
    struct postern_rules *rules = pn_test_rules(text, strlen(text));

    (void)state;
    pn_memory_calls = 0;
    pn_test_decide(rules, "10.1.2.3", "mx.example.com", "joe");
    assert_int_equal(pn_memory_calls, 0);
    postern_rules_close(rules);
}

static int
setup(void **state)
{
    (void)state;
    fill_text();
    image_fd = pn_memory_file();
    snprintf(image_path, sizeof(image_path), "/proc/self/fd/%d", image_fd);
    pn_test_compile(text, strlen(text), image_fd);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compile_survives_every_failed_allocation),
        cmocka_unit_test(an_extended_compile_survives_every_failed_allocation),
        cmocka_unit_test(a_classic_spelling_survives_every_failed_allocation),
        cmocka_unit_test(a_refusal_survives_every_failed_allocation),
        cmocka_unit_test(lists_survive_every_failed_allocation),
        cmocka_unit_test(warnings_survive_every_failed_allocation),
        cmocka_unit_test(a_tree_survives_every_failed_allocation),
        cmocka_unit_test(an_open_survives_every_failed_allocation),
        cmocka_unit_test(a_watch_survives_every_failed_allocation),
        cmocka_unit_test(a_lint_survives_every_failed_allocation),
        cmocka_unit_test(mends_survive_every_failed_allocation),
        cmocka_unit_test(a_decision_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
