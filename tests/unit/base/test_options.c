/* base/options, base/option_faults */
#include "tests/support/harness.h"

#include <stdio.h>

#include "base/option_faults.h"

struct config {
    bool flag, other;
    const char *text;
    int choice;
    size_t count;
};

static const char *const choices[] = { "red", "green", NULL };

static const struct pn_option rows[] = {
    { "flag", 'f', PN_OPTION_FLAG, offsetof(struct config, flag), NULL, NULL, "" },
    { NULL, 'o', PN_OPTION_FLAG, offsetof(struct config, other), NULL, NULL, "" },
    { "text", 't', PN_OPTION_TEXT, offsetof(struct config, text), "T", NULL, "" },
    { "choice", 0, PN_OPTION_CHOICE, offsetof(struct config, choice), "C", choices,
      "" },
    { "count", 'n', PN_OPTION_COUNT, offsetof(struct config, count), "N", NULL, "" },
};

static const struct pn_option_table table = { rows, PN_COUNT_OF(rows) };

static const struct {
    const char *label;
    const char *words[6];
    enum pn_option_fault fault;
    int operands;
    struct config config;
} cases[] = {
    { "nothing", { NULL }, PN_OPTION_FINE, 0, { .count = 9 } },
    { "operands only", { "a", "-", "b" }, PN_OPTION_FINE, 3, { .count = 9 } },
    { "cluster", { "-fo", "a" }, PN_OPTION_FINE, 1, { true, true, NULL, 0, 9 } },
    { "letter and text apart",
      { "a", "-t", "x" },
      PN_OPTION_FINE,
      1,
      { .text = "x", .count = 9 } },
    { "letter and text joined",
      { "-ftx" },
      PN_OPTION_FINE,
      0,
      { .flag = true, .text = "x", .count = 9 } },
    { "name and text apart",
      { "--text", "-x" },
      PN_OPTION_FINE,
      0,
      { .text = "-x", .count = 9 } },
    { "name and text joined",
      { "--text=a=b" },
      PN_OPTION_FINE,
      0,
      { .text = "a=b", .count = 9 } },
    { "end of options", { "--", "-f" }, PN_OPTION_FINE, 1, { .count = 9 } },
    { "choice",
      { "--choice", "green" },
      PN_OPTION_FINE,
      0,
      { .choice = 1, .count = 9 } },
    { "count", { "-n", "12" }, PN_OPTION_FINE, 0, { .count = 12 } },
    { "no such choice",
      { "--choice=blue" },
      PN_OPTION_ODD_ARGUMENT,
      0,
      { .count = 9 } },
    { "count of nothing", { "-n0" }, PN_OPTION_ODD_ARGUMENT, 0, { .count = 9 } },
    { "count with a sign", { "-n", "+3" }, PN_OPTION_ODD_ARGUMENT, 0, { .count = 9 } },
    { "count that wraps",
      { "--count=99999999999999999999" },
      PN_OPTION_ODD_ARGUMENT,
      0,
      { .count = 9 } },
    { "argument for a flag",
      { "--flag=1" },
      PN_OPTION_ODD_ARGUMENT,
      0,
      { .count = 9 } },
    { "unknown letter", { "-x" }, PN_OPTION_UNKNOWN, 0, { .count = 9 } },
    { "unknown name", { "--fla" }, PN_OPTION_UNKNOWN, 0, { .count = 9 } },
    { "no argument left", { "--text" }, PN_OPTION_NO_ARGUMENT, 0, { .count = 9 } },
};

static void
options_fill_the_struct_and_gather_operands(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        struct config config = { .count = 9 }, want = cases[i].config;
        struct pn_option_result result;
        char words[6][32], *argv[7] = { NULL };
        int argc = 0;

        for (; argc < 6 && cases[i].words[argc]; argc++) {
            snprintf(words[argc], sizeof(words[0]), "%s", cases[i].words[argc]);
            argv[argc] = words[argc];
        }
        result = pn_options_parse(table, argc, argv, &config);
        if (result.fault != cases[i].fault || result.operands != cases[i].operands ||
            config.flag != want.flag || config.other != want.other ||
            config.choice != want.choice || config.count != want.count ||
            !config.text != !want.text || (want.text && strcmp(config.text, want.text)))
            fail_msg("%s: fault %d, %d operands", cases[i].label, result.fault,
                     result.operands);
    }
}

static const char *const several[] = { "one", "two", NULL };
static const char *const only[] = { "text", NULL };

static const struct pn_option more_rows[] = {
    { "flag", 'f', PN_OPTION_FLAG, offsetof(struct config, flag), NULL, NULL, "" },
    { "watch", 'w', PN_OPTION_FLAG, offsetof(struct config, other), NULL, NULL, "" },
    { "only", 0, PN_OPTION_CHOICE, offsetof(struct config, choice), "O", only, "" },
    { "choice", 'c', PN_OPTION_CHOICE, offsetof(struct config, choice), "C", choices,
      "" },
    { "set", 0, PN_OPTION_SET, offsetof(struct config, choice), "S", several, "" },
    { "count", 'n', PN_OPTION_COUNT, offsetof(struct config, count), "N", NULL, "" },
    { "max-count", 0, PN_OPTION_COUNT, offsetof(struct config, count), "N", NULL, "" },
    { NULL, 'q', PN_OPTION_TEXT, offsetof(struct config, text), "Q", NULL, "" },
};

static const struct {
    const char *words[3];
    const char *told;
} faults[] = {
    { { "--flga" }, "--flga: no such option; did you mean --flag?" },
    { { "--flga=x" }, "--flga: no such option; did you mean --flag?" },
    { { "--FLAG" }, "--FLAG: no such option; did you mean --flag?" },
    { { "-flag" }, "-flag: no such option; did you mean --flag?" },
    { { "--maxcount=3" }, "--maxcount: no such option; did you mean --max-count?" },
    { { "--nothing-like-it" }, "--nothing-like-it: no such option" },
    { { "---" }, "---: no such option" },
    { { "-watch" }, "-watch: no such option; did you mean --watch?" },
    { { "-x" }, "-x: no such option" },
    { { "-fx" }, "-x: no such option" },
    { { "-W" }, "-W: no such option; did you mean -w?" },
    { { "-s" }, "-s: no such option; did you mean --set?" },
    { { "-m" }, "-m: no such option; did you mean --max-count?" },
    { { "--flag=1" }, "--flag: this option takes no argument" },
    { { "--count" }, "--count: this option wants an argument, N" },
    { { "-q" }, "-q: this option wants an argument, Q" },
    { { "-c" }, "--choice: this option wants an argument, red or green" },
    { { "-n", "no" }, "--count no: a number is wanted, 1 or more" },
    { { "--choice", "geen" },
      "--choice geen: one of red and green is wanted; did you mean green?" },
    { { "--choice=blue" }, "--choice blue: one of red and green is wanted" },
    { { "--only=json" }, "--only json: there is only text" },
    { { "--only=txt" }, "--only txt: there is only text; did you mean text?" },
    { { "--set=one,tow" },
      "--set one,tow: one of one and two is wanted; did you mean two?" },
    { { "--set", "" }, "--set : one of one and two is wanted" },
};

/* What is wrong is told with what would be right. */
static void
faults_are_told(void **state)
{
    static const struct pn_option_table more = { more_rows, PN_COUNT_OF(more_rows) };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(faults); i++) {
        struct pn_option_result result;
        struct pn_buffer told = { 0 };
        struct config config = { 0 };
        char words[2][32], *argv[3] = { NULL };
        int argc = 0;

        for (; argc < 2 && faults[i].words[argc]; argc++) {
            snprintf(words[argc], sizeof(words[0]), "%s", faults[i].words[argc]);
            argv[argc] = words[argc];
        }
        result = pn_options_parse(more, argc, argv, &config);
        pn_option_fault_write(more, &result, &told);
        if (!pn_str_is(pn_str_of(&told), faults[i].told))
            fail_msg("%s: %.*s", faults[i].told, (int)told.size, told.bytes);
        pn_buffer_free(&told);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_fill_the_struct_and_gather_operands),
        cmocka_unit_test(faults_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
