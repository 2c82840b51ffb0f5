/* Options to a setup: lists of words, networks, dates. */
#include "tools/lint_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/files.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/terms.h"
#include "server/tables/presets.h"
#include "tools/lint_server_words.h"
#include "tools/verbs.h"

static const char *const format_choices[] = { "text",   "json",  "gcc",    "sarif",
                                              "github", "junit", "gitlab", NULL };
static const char *const level_choices[] = { "error", "warning", "note", "never",
                                             NULL };

#define FIELD(name) offsetof(struct pn_lint_config, name)

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS_OF(format_choices,
                         "text, json, gcc, sarif, github, junit or gitlab"),
    PN_ROOT_OPTION,
    { "only", 0, PN_OPTION_TEXT, FIELD(only), "NAMES", NULL,
      "look for these alone: codes, P4, or names" },
    { "ignore", 0, PN_OPTION_TEXT, FIELD(ignore), "NAMES", NULL,
      "do not look for these" },
    { "no-ignores", 0, PN_OPTION_FLAG, FIELD(no_ignores), NULL, NULL,
      "do not obey ignore comments" },
    { "strict", 0, PN_OPTION_FLAG, FIELD(strict), NULL, NULL,
      "look for those that are off by default too" },
    { "fail-level", 0, PN_OPTION_CHOICE, FIELD(fail_level), "LEVEL", level_choices,
      "exit 1 from note, warning (default), error, or never" },
    { "max", 0, PN_OPTION_COUNT, FIELD(max), "N", NULL,
      "show at most N as text (100)" },
    { "server", 0, PN_OPTION_TEXT, FIELD(server), "FLAGS", NULL,
      "the server's flags, its run script, or its unit" },
    { "privileged", 0, PN_OPTION_TEXT, FIELD(privileged), "NAMES", NULL, NULL },
    { "trusted", 0, PN_OPTION_TEXT, FIELD(trusted), "NETS", NULL, NULL },
    { "as-of", 0, PN_OPTION_TEXT, FIELD(as_of), "DATE", NULL, NULL },
    { "against", 0, PN_OPTION_TEXT, FIELD(against), "CDB", NULL, NULL },
    { "baseline", 0, PN_OPTION_TEXT, FIELD(baseline), "FILE", NULL,
      "what FILE lists is known, what it lists in vain told" },
    { "write-baseline", 0, PN_OPTION_TEXT, FIELD(write_baseline), "FILE", NULL,
      "write all findings into FILE" },
    { "fix", 0, PN_OPTION_FLAG, FIELD(fix), NULL, NULL,
      "mend what changes no decision, and prove it" },
    { "unsafe", 0, PN_OPTION_FLAG, FIELD(unsafe), NULL, NULL,
      "with --fix: mends that change decisions too" },
    { "all-users", 0, PN_OPTION_FLAG, FIELD(all_users), NULL, NULL, NULL },
    { "diff", 0, PN_OPTION_FLAG, FIELD(diff), NULL, NULL,
      "with --fix: print a patch and change no file" },
    { "watch", 'w', PN_OPTION_FLAG, FIELD(watch), NULL, NULL,
      "run again whenever a file changes" },
    { "config", 0, PN_OPTION_TEXT, FIELD(config), "FILE", NULL,
      "take FILE for the .postern; --no-config: take none" },
    { "no-config", 0, PN_OPTION_FLAG, FIELD(no_config), NULL, NULL, NULL },
    { "list-checks", 0, PN_OPTION_FLAG, FIELD(list), NULL, NULL, NULL },
};

enum { SHOWN = 100 };

struct pn_lint_config
pn_lint_config_default(void)
{
    return (struct pn_lint_config){ .fail_level = PN_FAIL_WARNING, .max = SHOWN };
}

const struct pn_option_table pn_options_lint = { rows, PN_COUNT_OF(rows) };

static int
fail_unknown(struct pn_tool *tool, struct pn_str word)
{
    return pn_tool_fail_unknown(tool, word, "no finding has this name",
                                pn_check_near(word));
}

static uint32_t
today(void)
{
    time_t now = time(NULL);
    struct tm tm;

    if (!localtime_r(&now, &tm))
        return 0;
    return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
}

static int
age_of(void *payload, const char *path)
{
    struct stat st;

    (void)payload;
    if (!pn_files_stat(path, &st))
        return -1;
    return (int)((time(NULL) - st.st_mtime) / 86400);
}

static int
against_open(struct pn_lint_setup *setup, struct pn_tool *tool,
             const struct pn_lint_config *config)
{
    struct pn_common common = { .color = config->common.color };
    int status;

    if (!config->against)
        return PN_EXIT_OK;
    status = pn_rules_file_open(&setup->against, tool, &common, config->against);
    if (status == PN_EXIT_OK)
        status = pn_rules_file_decode(&setup->against, tool, &setup->against_decoded);
    if (status == PN_EXIT_OK) {
        setup->options.against = setup->against.rules;
        setup->options.against_decoded = &setup->against_decoded;
    }
    return status;
}

int
pn_lint_setup_make(struct pn_lint_setup *setup, struct pn_tool *tool,
                   const struct pn_lint_config *config)
{
    const struct pn_check_choice choice = { config->only, config->ignore,
                                            config->strict };
    struct pn_lint_options *o = &setup->options;
    struct pn_str unknown;
    int status;

    *setup = (struct pn_lint_setup){ .against = { .image = -1 } };
    o->reading = PN_READING_FILES;
    o->age_of = age_of;
    o->today = today();
    if (config->as_of) {
        o->as_of =
            pn_date_read((struct pn_str){ config->as_of, strlen(config->as_of) });
        if (!o->as_of)
            return pn_tool_usage(tool, "--as-of takes a date, YYYY-MM-DD");
    }
    if (!pn_checks_choose(setup->on, &choice, &unknown))
        return fail_unknown(tool, unknown);
    if (pn_trusted_begin(&setup->trusted) &&
        !pn_trusted_add(&setup->trusted, config->trusted))
        return pn_tool_usage(tool, "--trusted takes addresses and networks");
    o->trusted = (struct pn_networks){ setup->trusted.items, setup->trusted.count };
    if (setup->trusted.failed ||
        !pn_privileged_read(&setup->privileged, config->privileged)) {
        return pn_tool_fail_memory(tool, "lint");
    }
    o->privileged = setup->privileged.names;
    status = pn_server_flags_read(tool, config->server, &setup->flags);
    if (status == PN_EXIT_OK)
        status = against_open(setup, tool, config);
    o->profile = setup->flags.profile;
    o->profile_known = setup->flags.known && !setup->flags.unsure;
    o->limits_patch = setup->flags.limits_patch;
    o->no_penalties = setup->flags.kind && !setup->flags.kind->has_penalties;
    if (o->profile_known && !setup->flags.penalty_unknown)
        o->penalty_most = setup->flags.penalty_most
                              ? (uint32_t)setup->flags.penalty_most
                              : SRV_PENALTY_MOST_S;
    if (setup->flags.source.text) {
        o->profile_source = &setup->flags.source;
        o->profile_span = setup->flags.span;
    }
    return status;
}

void
pn_lint_setup_clear(struct pn_lint_setup *setup)
{
    pn_server_flags_clear(&setup->flags);
    pn_decoded_clear(&setup->against_decoded);
    pn_rules_file_close(&setup->against);
    pn_privileged_clear(&setup->privileged);
    pn_trusted_clear(&setup->trusted);
}
