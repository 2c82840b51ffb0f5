/*
 * Loads, lints, proves and lays out FILE by postern/compiler.h, within so many bytes.
 * Writes what each call came to, and leaves with 0 if memory ended where it was said
 * to.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/sizes.h"
#include "postern/compiler.h"

/* Asks everything of a policy, and notes what is no answer of a bomb. */
static int
ask(struct postern_policy *policy)
{
    static const char *const names[] = { "lint", "prove", "emit", "at" };
    enum postern_status statuses[PN_COUNT_OF(names)];
    struct postern_symbol symbol = POSTERN_SYMBOL_INIT;
    struct postern_report *report = NULL;
    struct postern_text *text = NULL;
    bool holds, good = true;

    statuses[0] = postern_policy_lint(policy, NULL, &report);
    statuses[1] = postern_policy_prove(policy, NULL, NULL, NULL, &holds, NULL);
    statuses[2] = postern_policy_emit(policy, 0, &text, NULL);
    statuses[3] = postern_policy_at(policy, NULL, 12, &symbol);
    postern_report_free(report);
    postern_text_free(text);
    for (size_t i = 0; i < PN_COUNT_OF(names); i++) {
        printf("%s: %s\n", names[i], postern_status_text(statuses[i]));
        good = good && (statuses[i] == POSTERN_OK || statuses[i] == POSTERN_E_LIMIT ||
                        statuses[i] == POSTERN_E_REFUSED);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;
    struct postern_policy *policy = NULL;
    enum postern_status status;
    uint64_t peak = 0;
    int result = EXIT_SUCCESS;

    if (argc != 3)
        return EXIT_FAILURE;
    options.memory_limit = strtoull(argv[2], NULL, 10);
    if (postern_compiler_new(&options, &compiler) != POSTERN_OK)
        return EXIT_FAILURE;
    status = postern_policy_load_file(compiler, argv[1], &policy);
    printf("load: %s\n", postern_status_text(status));
    if (status == POSTERN_OK)
        result = ask(policy);
    else if (status != POSTERN_E_LIMIT)
        result = EXIT_FAILURE;
    postern_policy_close(policy);
    postern_compiler_memory(compiler, NULL, &peak);
    if (peak > options.memory_limit + options.memory_limit / 64)
        result = EXIT_FAILURE;
    printf("peak: %llu\n", (unsigned long long)peak);
    postern_compiler_free(compiler);
    return result;
}
