/* postern export: a policy as the rules of another program. */
#include <string.h>

#include "base/sizes.h"
#include "interop/targets.h"
#include "tools/export_clickhouse.h"
#include "tools/export_whole.h"
#include "tools/verbs.h"

struct export_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool lossy;
    int verdict;                       /* enum listed */
    const char *name, *table, *daemon; /* as given */
    const char *dir;
    size_t family;
};

enum listed { LISTED_DENY, LISTED_ALLOW };

static const char *const listed_choices[] = { "deny", "allow", NULL };

static const struct pn_option rows[] = {
    PN_TEXT_OPTIONS,
    PN_ROOT_OPTION,
    { "lossy", 0, PN_OPTION_FLAG, offsetof(struct export_config, lossy), NULL, NULL,
      "what cannot be said is denied or left out, and told" },
    { "verdict", 0, PN_OPTION_CHOICE, offsetof(struct export_config, verdict),
      "VERDICT", listed_choices, "list: who is denied (deny), or who is allowed" },
    { "name", 0, PN_OPTION_TEXT, offsetof(struct export_config, name), "NAME", NULL,
      "of sets, chains and variables there (postern)" },
    { "table", 0, PN_OPTION_TEXT, offsetof(struct export_config, table), "TABLE", NULL,
      NULL },
    { "daemon", 0, PN_OPTION_TEXT, offsetof(struct export_config, daemon), "NAME", NULL,
      NULL },
    { "dir", 0, PN_OPTION_TEXT, offsetof(struct export_config, dir), "DIR", NULL,
      "clickhouse: the folder to make" },
    { "family", 0, PN_OPTION_COUNT, offsetof(struct export_config, family), "FAMILY",
      NULL, NULL },
};

const struct pn_option_table pn_options_export = { rows, PN_COUNT_OF(rows) };

/* What is said of a rule that a target cannot say: refused, or what is written. */
static const struct {
    enum pn_beyond what;
    const char *refused, *lossy;
} words[] = {
    { PN_BEYOND_NAMES, "a host or an ident could still change what it decides",
      "denied, since a host or an ident could change it" },
    { PN_BEYOND_LIMITS, "it has a limit or a rate",
      "denied, since it has a limit or a rate" },
    { PN_BEYOND_PENALTIES, "it has a penalty, or is exempt",
      "denied, since it has a penalty, or is exempt" },
    { PN_BEYOND_VARIABLES, "it sets variables", "its variables are left out" },
    { PN_BEYOND_REJECT, "it has a reject text", "its reject text is left out" },
};

enum { TOLD_MOST = 20 };

/* Rules that were told of, and of what. */
struct told {
    uint64_t items[TOLD_MOST];
    size_t count;
    bool more;
};

/* Is it the first time that a rule says this? Of more than TOLD_MOST there is no list.
 */
static bool
told_add(struct told *told, uint32_t rule, enum pn_beyond beyond)
{
    uint64_t what = (uint64_t)rule << 8 | beyond;

    for (size_t i = 0; i < told->count; i++)
        if (told->items[i] == what)
            return false;
    told->more |= told->count == TOLD_MOST;
    if (told->more)
        return false;
    told->items[told->count++] = what;
    return true;
}

/* Tells of what a target cannot say; is there anything? */
static bool
beyond_tell(struct pn_tool *tool, const struct pn_exported *exported,
            const struct pn_target *target, bool lossy)
{
    struct told told = { .count = 0 };

    for (size_t i = 0; i < exported->spans.count && !told.more; i++) {
        const struct pn_span_answer *span = &exported->spans.items[i];

        for (size_t k = 0; k < PN_COUNT_OF(words); k++) {
            if (!(span->beyond & ~target->says & words[k].what) ||
                !told_add(&told, span->rule, words[k].what))
                continue;
            pn_exported_place_write(tool, exported, span->rule);
            if (lossy)
                pn_output_format(&tool->err, "%s\n", words[k].lossy);
            else
                pn_output_format(&tool->err, "%s, which %s cannot say\n",
                                 words[k].refused, target->name);
        }
    }
    if (told.more)
        pn_output_text(&tool->err, "... and so for other rules\n");
    return told.count;
}

/* The safe side of what a target cannot say: nobody is allowed who was not. */
static void
beyond_drop(struct pn_spans *spans, uint8_t says)
{
    for (size_t i = 0; i < spans->count; i++) {
        struct pn_span_answer *span = &spans->items[i];

        if (span->beyond & ~says &
            (PN_BEYOND_NAMES | PN_BEYOND_LIMITS | PN_BEYOND_PENALTIES))
            span->allows = false;
        span->beyond = 0;
    }
    pn_spans_join(spans);
}

static int
export_write(struct pn_tool *tool, const struct export_config *config,
             const struct pn_target *target, struct pn_exported *exported)
{
    const struct pn_target_names names = {
        .name = config->name ? config->name : "postern",
        .table = config->table ? config->table : "filter",
        .daemon = config->daemon ? config->daemon : "ALL",
        .family = config->family == 6 ? 6 : 4,
        .denied = config->verdict == LISTED_DENY,
    };

    if (beyond_tell(tool, exported, target, config->lossy) && !config->lossy)
        return pn_tool_failf(tool, PN_EXIT_USAGE,
                             "nothing is written: --lossy writes what can be said");
    beyond_drop(&exported->spans, target->says);
    target->write(&tool->out, &exported->spans, &names);
    return PN_EXIT_OK;
}

static int
target_fail(struct pn_tool *tool, const char *name)
{
    static const char *const names[] = {
#define X(id, name, says, summary) name,
#include "interop/targets.def"
#undef X
        PN_WHOLE_TARGETS, PN_CLICKHOUSE_FORMAT, NULL
    };
    return pn_tool_fail_unknown_of(tool, name, "no such format", names);
}

/* Words that are written as they are must be none that do more. */
static int
names_check(struct pn_tool *tool, const struct export_config *config)
{
    const struct {
        const char *option, *name;
    } given[] = { { "--name", config->name },
                  { "--table", config->table },
                  { "--daemon", config->daemon } };

    for (size_t i = 0; i < PN_COUNT_OF(given); i++)
        if (given[i].name && !pn_target_name_is_fine(given[i].name))
            return pn_tool_failf(
                tool, PN_EXIT_USAGE,
                "%s takes up to 24 letters, digits and _, a letter first",
                given[i].option);
    if (config->family && config->family != 4 && config->family != 6)
        return pn_tool_usage(tool, "--family is 4 or 6");
    return PN_EXIT_OK;
}

static int
clickhouse_write(struct pn_tool *tool, const struct export_config *config,
                 const char *file)
{
    int status = names_check(tool, config);

    if (!config->dir)
        return pn_tool_usage(tool, "clickhouse wants a --dir");
    return status != PN_EXIT_OK
               ? status
               : pn_export_clickhouse(tool, &config->common, file, config->dir,
                                      config->name ? config->name : "postern");
}

int
pn_verb_export(struct pn_tool *tool, int argc, char **argv)
{
    struct export_config config = { 0 };
    struct pn_exported exported = PN_EXPORTED_NONE;
    const struct pn_whole_target *whole;
    const struct pn_target *target;
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 2)
        return pn_tool_usage(tool, "a FORMAT and a FILE are wanted");
    if (strcmp(argv[0], PN_CLICKHOUSE_FORMAT) == 0)
        return clickhouse_write(tool, &config, argv[1]);
    if (config.dir)
        return pn_tool_usage(tool, "--dir is of clickhouse");
    whole = pn_whole_target_find(argv[0]);
    target = pn_target_find(argv[0]);
    if (whole) {
        bool is_refused = false;

        status = whole->write(tool, &config.common, argv[1],
                              config.lossy && target ? &is_refused : NULL);
        if (!is_refused)
            return status;
    }
    if (!target)
        return target_fail(tool, argv[0]);
    status = names_check(tool, &config);
    if (status == PN_EXIT_OK)
        status = pn_exported_open(&exported, tool, &config.common, argv[1]);
    if (status == PN_EXIT_OK)
        status = export_write(tool, &config, target, &exported);
    pn_exported_close(&exported);
    return status;
}
