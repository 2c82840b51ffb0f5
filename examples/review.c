/*
 * review OLD NEW: what is wrong with a rule file, and whom a change of it lets in.
 * Exits with 0 for nothing, 1 for something, 2 when that cannot be told.
 */
#include <postern/compiler.h>

#include <stdio.h>

enum { MEMORY_MOST = 256 << 20 };

/* Prints errors, warnings and notes, each as compilers do; tells whether one is there.
 */
static bool
report_print(const struct postern_report *report)
{
    static const char *const names[] = { "error", "warning", "note" };
    const struct postern_finding *finding;
    size_t count = 0;

    while ((finding = postern_report_finding(report, count)) != NULL) {
        printf("%s:%u: %s: %s [%s]\n",
               finding->at.file.ptr ? finding->at.file.ptr : "-",
               (unsigned)finding->at.line, names[finding->severity],
               finding->message.ptr, finding->name.ptr);
        count++;
    }
    return count > 0;
}

/* Prints every address that is let in, and was not; tells whether there is one. */
static bool
gains_print(const struct postern_diff *diff)
{
    const struct postern_region *region;
    const struct postern_range *range;
    bool gains = false;

    for (size_t i = 0; (region = postern_diff_region(diff, i)) != NULL; i++)
        for (size_t j = 0; (range = postern_diff_range(diff, i, j)) != NULL; j++)
            if (region->effect == POSTERN_GAINS) {
                printf("lets in: %s, by %s:%u\n", range->text.ptr,
                       region->after->file.ptr ? region->after->file.ptr
                                               : "nobody's rule",
                       (unsigned)region->after->line);
                gains = true;
            }
    return gains;
}

int
main(int argc, char **argv)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;
    struct postern_policy *before = NULL, *after = NULL;
    struct postern_report *findings = NULL;
    struct postern_diff *diff = NULL;
    enum postern_status status = POSTERN_E_ARG;
    bool found = false;

    options.memory_limit = MEMORY_MOST; /* whatever the files hold */
    if (argc == 3)
        status = postern_compiler_new(&options, &compiler);
    if (status == POSTERN_OK)
        status = postern_policy_load_file(compiler, argv[1], &before);
    if (status == POSTERN_OK)
        status = postern_policy_load_file(compiler, argv[2], &after);
    if (status == POSTERN_OK)
        status = postern_policy_lint(after, NULL, &findings);
    if (status == POSTERN_OK)
        found = report_print(findings); /* a policy with errors has them here too */
    if (status == POSTERN_OK)
        status = postern_policy_diff(before, after, 0, &diff);
    if (status == POSTERN_OK)
        found |= gains_print(diff);
    else
        fprintf(stderr, "review: %s\n", postern_status_text(status));
    postern_diff_free(diff);
    postern_report_free(findings);
    postern_policy_close(after);
    postern_policy_close(before);
    postern_compiler_free(compiler);
    return status != POSTERN_OK ? 2 : found;
}
