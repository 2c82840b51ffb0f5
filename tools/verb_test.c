/* postern test: runs every expect and always, here and in the file of tests beside. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "tools/input/folders.h"
#include "tools/input/rules_file.h"
#include "tools/policy_size.h"
#include "tools/render/json.h"
#include "tools/render/proofs.h"
#include "tools/test.h"
#include "tools/test_name.h"
#include "tools/verbs.h"

struct test_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool coverage, mutate, suggest, pin;
    size_t threshold; /* percent; 0: none */
};

static const char *const format_choices[] = { "text", "json", "tap", "junit", NULL };

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS_OF(format_choices, "text, json, tap or junit"),
    PN_ROOT_OPTION,
    { "coverage", 0, PN_OPTION_FLAG, offsetof(struct test_config, coverage), NULL, NULL,
      "which rules and addresses they speak of" },
    { "threshold", 0, PN_OPTION_COUNT, offsetof(struct test_config, threshold),
      "PERCENT", NULL, "1 when less is covered" },
    { "mutate", 0, PN_OPTION_FLAG, offsetof(struct test_config, mutate), NULL, NULL,
      "make faults, and tell which of them nothing notices" },
    { "suggest", 0, PN_OPTION_FLAG, offsetof(struct test_config, suggest), NULL, NULL,
      "write an expectation for each untested rule" },
    { "pin", 0, PN_OPTION_FLAG, offsetof(struct test_config, pin), NULL, NULL,
      "write what the policy decides today as claims" },
};

const struct pn_option_table pn_options_test = { rows, PN_COUNT_OF(rows) };

/* One FILE: the policy, and where its tests are. */
struct test_run {
    struct pn_tool *tool;
    const struct test_config *config;
    struct pn_proof_report *report;
    char *root, *tests; /* tests NULL: there can be none */
};

/* NAME.rules has its tests in NAME_test.rules; either may be named. */
static bool
names_find(struct test_run *run, const char *name)
{
    if (pn_name_ends_in(name, PN_TESTS_END)) {
        run->root = pn_name_renamed(name, PN_TESTS_END, PN_RULES_END);
        run->tests = strdup(name);
    } else {
        run->root = strdup(name);
        if (pn_name_ends_in(name, PN_RULES_END))
            run->tests = pn_name_renamed(name, PN_RULES_END, PN_TESTS_END);
    }
    return run->root && (run->tests || (!pn_name_ends_in(name, PN_TESTS_END) &&
                                        !pn_name_ends_in(name, PN_RULES_END)));
}

static int
status_of(struct test_run *run, enum pn_compile_result result,
          const struct pn_diags *diags)
{
    struct pn_common common = { .color = run->config->common.color };

    pn_tool_diagnostics(run->tool, &common, diags);
    if (result == PN_COMPILE_REFUSED && run->report->format == PN_PROOF_JSON) {
        pn_output_text(&run->tool->out, "{\"error\": \"does not compile\", \"file\": ");
        pn_json_string(&run->tool->out, run->root, strlen(run->root));
        pn_output_text(&run->tool->out, "}\n");
    }
    return pn_tool_fail_compile(
        run->tool, result,
        result == PN_COMPILE_READ && run->tests ? run->tests : run->root, run->root);
}

void
pn_test_fail(const struct pn_tested *tested, enum postern_status why, int *status)
{
    *status = pn_tool_fail_status(tested->tool, tested->root->name, why);
}

/* What is asked for besides: on a policy that compiles. */
static int
more(struct test_run *run, struct pn_tested *tested)
{
    const struct test_config *config = run->config;
    int status = PN_EXIT_OK;
    bool enough = true;

    if (config->coverage || config->threshold)
        enough = pn_test_coverage(tested, config->threshold, &status);
    if (status == PN_EXIT_OK && config->mutate)
        pn_test_mutate(tested, &status);
    if (status == PN_EXIT_OK && config->suggest)
        pn_test_suggest(tested, &status);
    if (status == PN_EXIT_OK && config->pin)
        pn_test_pin(tested, &status);
    return status == PN_EXIT_OK && !enough ? PN_EXIT_FINDINGS : status;
}

/* Text that is a source again has no report around it. */
static bool
is_source_wanted(const struct test_config *config)
{
    return config->suggest || config->pin;
}

/* What becomes of a policy that compiles. */
static int
run_assertions(struct test_run *run, const struct pn_source *source,
               struct pn_compiled *compiled)
{
    struct pn_tested tested = { run->tool,
                                source,
                                run->tests,
                                compiled,
                                run->report->format == PN_PROOF_JSON,
                                run->report->style };
    int status = PN_EXIT_OK;

    if (!is_source_wanted(run->config)) {
        enum postern_status done =
            pn_compiled_prove(compiled, pn_proof_report_add, run->report);

        if (done != POSTERN_OK || run->report->too_much.failed)
            pn_test_fail(&tested, done != POSTERN_OK ? done : POSTERN_E_NOMEM, &status);
        else if (run->report->too_much.size)
            status = pn_tool_too_much(run->tool, &run->config->common,
                                      run->report->too_much.bytes);
    }
    return status == PN_EXIT_OK ? more(run, &tested) : status;
}

static int
prove(struct test_run *run, const struct pn_source *source)
{
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    const struct pn_compiled_options how = { .tests = run->tests, .diags = &diags };
    struct pn_compiled compiled;
    int status;

    if (pn_compiled_make(&compiled, source, &how) || compiled.result != PN_COMPILE_OK)
        status = status_of(run, compiled.result, &diags);
    else
        status = pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, run->root);
    if (compiled.rules)
        pn_policy_size_add(&run->tool->size, &compiled.decoded);
    if (status == PN_EXIT_OK)
        status = run_assertions(run, source, &compiled);
    pn_compiled_clear(&compiled);
    pn_diags_clear(&diags);
    return status;
}

static int
test_file(struct test_run *run, const char *name)
{
    struct pn_source source;
    int status;

    if (!names_find(run, name)) {
        return pn_tool_fail_memory(run->tool, name);
    }
    status = pn_source_open(run->tool, run->root,
                            " is compiled: expectations stand in its source", &source);
    if (status != PN_EXIT_OK)
        return status;
    status = prove(run, &source);
    pn_source_clear(&source);
    return status;
}

int
pn_verb_test(struct pn_tool *tool, int argc, char **argv)
{
    struct test_config config = { 0 };
    struct pn_proof_report report = { .out = &tool->out };
    struct pn_operands files;
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (!operands)
        return pn_tool_usage(tool, "a FILE is wanted");
    if ((config.coverage || config.threshold || config.mutate) &&
        config.common.format > PN_PROOF_JSON)
        return pn_tool_usage(tool, "coverage and mutants are text or json");
    if (is_source_wanted(&config) && config.common.format != PN_PROOF_TEXT)
        return pn_tool_usage(tool, "--suggest and --pin write rules, which are text");
    if (config.threshold > 100)
        return pn_tool_usage(tool, "--threshold is a percentage");
    report.format = (enum pn_proof_format)config.common.format;
    report.style = pn_tool_style(tool, &config.common, &tool->out);
    if (!is_source_wanted(&config))
        pn_proof_report_begin(&report);
    status = pn_operands_make(&files, tool, operands, argv, PN_OPERANDS_POLICIES);
    for (size_t i = 0; i < files.count; i++) {
        struct test_run run = { tool, &config, &report, NULL, NULL };
        int worst = test_file(&run, files.names[i]);

        status = worst > status ? worst : status;
        free(run.root);
        free(run.tests);
    }
    pn_operands_clear(&files);
    if (!is_source_wanted(&config))
        pn_proof_report_end(&report);
    pn_buffer_free(&report.too_much);
    return status == PN_EXIT_OK && report.broken ? PN_EXIT_FINDINGS : status;
}
