/* postern compile: a source file to a cdb, all of it or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sizes.h"
#include "compiler/atomic.h"
#include "compiler/compile.h"
#include "compiler/terms.h"
#include "tools/input/rules_file.h"
#include "tools/input/seen.h"
#include "tools/render/json.h"
#include "tools/verbs.h"

struct compile_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *output;
    int as; /* of as_choices */
    bool strip;
    const char *as_of;
    size_t max_errors;
    int fail_level; /* of level_choices */
};

enum { AS_WRITTEN, AS_CLASSIC, AS_NATIVE };

static const char *const as_choices[] = { "written", "classic", "native", NULL };

enum { FAIL_ERROR, FAIL_WARNING };

static const char *const level_choices[] = { "error", "warning", NULL };

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "output", 'o', PN_OPTION_TEXT, offsetof(struct compile_config, output), "CDB",
      NULL, "write to CDB (FILE with .rules replaced by .cdb)" },
    { "as", 0, PN_OPTION_CHOICE, offsetof(struct compile_config, as), "KIND",
      as_choices, "written (as the source is), classic or native" },
    { "strip", 0, PN_OPTION_FLAG, offsetof(struct compile_config, strip), NULL, NULL,
      "leave out where rules come from" },
    { "as-of", 0, PN_OPTION_TEXT, offsetof(struct compile_config, as_of), "DATE", NULL,
      "leave out what has expired by YYYY-MM-DD" },
    { "max-errors", 0, PN_OPTION_COUNT, offsetof(struct compile_config, max_errors),
      "N", NULL, "show the first N errors (20)" },
    { "fail-level", 0, PN_OPTION_CHOICE, offsetof(struct compile_config, fail_level),
      "LEVEL", level_choices, "error, or warning: write nothing then, exit 1" },
};

const struct pn_option_table pn_options_compile = { rows, PN_COUNT_OF(rows) };

struct compile_run {
    struct pn_tool *tool;
    struct compile_config config;
    const char *name; /* of the source */
    char *target;
    int fd; /* of the source */
    uint32_t as_of;
};

/* FILE with .rules replaced by, or else followed by, .cdb. */
static char *
default_target(const char *name)
{
    static const char from[] = ".rules", to[] = ".cdb";
    size_t len = strlen(name);
    char *target;

    if (len > sizeof(from) - 1 && strcmp(name + len - (sizeof(from) - 1), from) == 0)
        len -= sizeof(from) - 1;
    target = malloc(len + sizeof(to));
    if (target) {
        memcpy(target, name, len);
        memcpy(target + len, to, sizeof(to));
    }
    return target;
}

/* Would the compiled file be put in the place of its own source? */
static bool
is_own_source(const struct compile_run *run)
{
    struct stat source, target;

    return fstat(run->fd, &source) == 0 && S_ISREG(source.st_mode) &&
           pn_files_stat(run->target, &target) && source.st_dev == target.st_dev &&
           source.st_ino == target.st_ino;
}

static int
source_examine(const struct compile_run *run)
{
    static const char *const problems[] = {
        [PN_INPUT_COMPILED] = "is compiled already",
        [PN_INPUT_FOLDER] = "is a folder, and a file is wanted",
        [PN_INPUT_DEVICE] = "is a device",
    };
    enum pn_input kind = pn_input_kind(run->name, run->fd);
    const char *problem = NULL;

    if (kind == PN_INPUT_UNKNOWN)
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, run->name);
    if (kind != PN_INPUT_SOURCE)
        problem = problems[kind];
    else if (is_own_source(run))
        problem = "would be written over by its own compiled file";
    if (!problem)
        return PN_EXIT_OK;
    return pn_tool_failf(run->tool, PN_EXIT_USAGE, "%s %s", run->name, problem);
}

static int
compile_into(struct compile_run *run, struct pn_atomic *atomic)
{
    struct pn_compile_options options = { .as_classic = run->config.as == AS_CLASSIC,
                                          .as_native = run->config.as == AS_NATIVE,
                                          .strip = run->config.strip,
                                          .as_of = run->as_of,
                                          .warn = true,
                                          .only_text = true,
                                          .startable = true,
                                          .prove = true };
    struct pn_diags diags = { .limit = run->config.max_errors };
    enum pn_compile_result result;
    struct pn_reader reader;
    int saved_errno;
    bool failing;

    pn_reader_begin(&reader, run->name, run->fd);
    result = pn_compile(&reader, atomic->fd, &options, &diags);
    saved_errno = errno;
    pn_reader_end(&reader);
    if (run->config.common.format != PN_FORMAT_JSON)
        pn_tool_diagnostics(run->tool, &run->config.common, &diags);
    else if (result == PN_COMPILE_OK || result == PN_COMPILE_REFUSED)
        pn_json_findings(&run->tool->out, &diags);
    failing = run->config.fail_level == FAIL_WARNING && diags.total > 0;
    pn_diags_clear(&diags);
    errno = saved_errno;
    if (result == PN_COMPILE_OK && failing)
        return PN_EXIT_FINDINGS;
    return pn_tool_fail_compile(run->tool, result, run->name, run->target);
}

static int
compile(struct compile_run *run)
{
    struct pn_atomic atomic;
    int status = source_examine(run);

    if (status != PN_EXIT_OK)
        return status;
    if (pn_atomic_open_unique(&atomic, run->target) != PN_ATOMIC_OK)
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, run->target);
    status = compile_into(run, &atomic);
    if (status == PN_EXIT_OK)
        pn_links_report(run->tool, run->target, 1);
    /* warnings are printed before the file is replaced: when that fails, the old one
     * stays */
    if (status == PN_EXIT_OK &&
        (!pn_output_flush(&run->tool->err) || !pn_output_flush(&run->tool->out)))
        status = PN_EXIT_SYSTEM;
    if (status == PN_EXIT_OK &&
        (!pn_atomic_sync(&atomic) || !pn_atomic_rename(&atomic, run->target)))
        status = pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, run->target);
    pn_atomic_close(&atomic, status != PN_EXIT_OK);
    return status;
}

static int
prepare(struct compile_run *run, int operands)
{
    bool is_stdin = operands == 1 && strcmp(run->name, "-") == 0;

    if (operands != 1)
        return pn_tool_usage(run->tool, "one FILE is wanted");
    if (!*run->name)
        return pn_tool_usage(run->tool, "FILE is empty");
    if (run->config.output && !*run->config.output)
        return pn_tool_usage(run->tool, "the argument of -o is empty");
    if (run->config.as_of) {
        run->as_of = pn_date_read(
            (struct pn_str){ run->config.as_of, strlen(run->config.as_of) });
        if (!run->as_of)
            return pn_tool_usage(run->tool, "--as-of takes a date, YYYY-MM-DD");
    }
    if (is_stdin && !run->config.output)
        return pn_tool_usage(run->tool, "with - as FILE, -o CDB is wanted");
    run->target =
        run->config.output ? strdup(run->config.output) : default_target(run->name);
    if (!run->target)
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, run->name);
    run->fd =
        is_stdin ? STDIN_FILENO : pn_files_open(run->name, O_RDONLY | O_CLOEXEC, 0);
    if (run->fd < 0)
        return pn_tool_fail_system(run->tool, PN_EXIT_USAGE, run->name);
    return PN_EXIT_OK;
}

int
pn_verb_compile(struct pn_tool *tool, int argc, char **argv)
{
    struct compile_run run = { .tool = tool,
                               .config = { .max_errors = PN_DIAGS_LIMIT },
                               .fd = -1 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &run.config, &operands, &status))
        return status;
    run.name = operands ? argv[0] : "";
    status = prepare(&run, operands);
    if (status == PN_EXIT_OK)
        status = compile(&run);
    if (run.fd > STDERR_FILENO)
        close(run.fd);
    free(run.target);
    return status;
}
