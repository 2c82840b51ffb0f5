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
#include "compiler/literal.h"
#include "compiler/terms.h"
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

/* What is off by default is asked for by its own code or name, not by its family. */
struct naming {
    bool *on;
    bool whole;
};

static void
set_on(void *payload, enum pn_check check)
{
    const struct naming *naming = payload;

    naming->on[check] |= naming->whole || pn_check_info[check].on;
}

static void
set_off(void *payload, enum pn_check check)
{
    ((const struct naming *)payload)->on[check] = false;
}

/* Goes through words with commas between. False when one is no name of a check. */
static bool
names_apply(struct pn_tool *tool, const char *list,
            void (*take)(void *payload, enum pn_check check), bool *on)
{
    while (list && *list) {
        size_t len = strcspn(list, ", ");
        struct pn_str word = { list, len };
        struct naming naming = { on, len > 3 };
        char text[64];

        if (len && !pn_check_named(word, take, &naming)) {
            size_t shown = len < sizeof(text) ? len : sizeof(text) - 1;

            memcpy(text, list, shown);
            text[shown] = '\0';
            pn_tool_failf(tool, PN_EXIT_USAGE,
                          "%s: no finding has this name; did you mean %s?", text,
                          pn_check_near(word));
            return false;
        }
        list += len + (list[len] != '\0');
    }
    return true;
}

static bool
checks_choose(struct pn_lint_setup *setup, struct pn_tool *tool,
              const struct pn_lint_config *config)
{
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++)
        setup->on[c] = !config->only && (pn_check_info[c].on || config->strict);
    if (!names_apply(tool, config->only, set_on, setup->on) ||
        !names_apply(tool, config->ignore, set_off, setup->on))
        return false;
    if (config->only) /* what cannot be read is never passed over */
        setup->on[PN_CHECK_SYNTAX_ERROR] = true;
    return true;
}

static const char *const default_trusted[] = {
    "10.0.0.0/8",     "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "::1",         "fc00::/7",       "fe80::/10",
};

/* False for a word that is no network. Without memory setup->failed is set. */
static bool
network_add(struct pn_lint_setup *setup, struct pn_str word)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;
    struct pn_network network;
    bool good = pn_literal_target(word, &scratch, &target) == PN_DIAG_NONE &&
                !target.has_ident && target.kind <= PN_TARGET_RANGE;

    pn_buffer_free(&scratch);
    if (!good)
        return false;
    network = (struct pn_network){ target.first, target.last, target.family };
    if (target.kind == PN_TARGET_ADDRESSES)
        network.last = target.first + target.count - 1;
    else if (target.kind == PN_TARGET_PREFIXES)
        network.last =
            target.first +
            (target.count - 1) * (pn_host_mask(target.family, target.length) + 1) +
            pn_host_mask(target.family, target.length);
    setup->failed |=
        !pn_vector_add(&setup->trusted, &setup->trusted_count, &setup->trusted_capacity,
                       &network, sizeof(network));
    return true;
}

static bool
trusted_read(struct pn_lint_setup *setup, const char *list)
{
    for (size_t i = 0; i < PN_COUNT_OF(default_trusted); i++)
        if (!network_add(setup, (struct pn_str){ default_trusted[i],
                                                 strlen(default_trusted[i]) }))
            return false;
    while (list && *list) {
        size_t len = strcspn(list, ", ");

        if (len && !network_add(setup, (struct pn_str){ list, len }))
            return false;
        list += len + (list[len] != '\0');
    }
    setup->options.trusted =
        (struct pn_networks){ setup->trusted, setup->trusted_count };
    return true;
}

static bool
privileged_read(struct pn_lint_setup *setup, const char *list)
{
    size_t count = 0, capacity = 0;
    char *rest;

    setup->names = strdup(list ? list : "RELAYCLIENT");
    if (!setup->names)
        return false;
    for (char *word = strtok_r(setup->names, ", ", &rest);;
         word = strtok_r(NULL, ", ", &rest)) {
        if (!pn_vector_reserve(&setup->privileged, &capacity, count + 1,
                               sizeof(*setup->privileged)))
            return false;
        setup->privileged[count++] = word;
        if (!word)
            break;
    }
    setup->options.privileged = setup->privileged;
    return true;
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
    struct pn_lint_options *o = &setup->options;
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
    if (!checks_choose(setup, tool, config))
        return PN_EXIT_USAGE;
    if (!trusted_read(setup, config->trusted))
        return pn_tool_usage(tool, "--trusted takes addresses and networks");
    if (setup->failed || !privileged_read(setup, config->privileged)) {
        return pn_tool_fail_memory(tool, "lint");
    }
    status = pn_server_flags_read(tool, config->server, &setup->flags);
    if (status == PN_EXIT_OK)
        status = against_open(setup, tool, config);
    o->profile = setup->flags.profile;
    o->profile_known = setup->flags.known && !setup->flags.unsure;
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
    free(setup->names);
    free(setup->privileged);
    free(setup->trusted);
}
