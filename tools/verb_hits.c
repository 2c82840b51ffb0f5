/* postern hits: what a server has counted of each rule. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "compiler/atomic.h"
#include "tools/input/rules_file.h"
#include "tools/render/hits.h"
#include "tools/verbs.h"

enum { SECONDS_A_DAY = 86400, DAYS_MOST = 36500 };
enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_PROMETHEUS };

static const char *const formats[] = { "text", "json", "prometheus", NULL };

struct hits_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *unused;      /* a number of days */
    bool shadow;
    const char *output, *label;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS_OF(formats, "text, json or prometheus"),
    PN_ROOT_OPTION,
    { "label", 0, PN_OPTION_TEXT, offsetof(struct hits_config, label), "NAME=VALUE",
      NULL, "a label for each metric: which server it is of" },
    { "unused", 0, PN_OPTION_TEXT, offsetof(struct hits_config, unused), "DAYS", NULL,
      "rules that decided nobody for so long; exit 1 for any" },
    { "shadow", 0, PN_OPTION_FLAG, offsetof(struct hits_config, shadow), NULL, NULL,
      "what the policy of --shadow decides otherwise" },
    { "output", 'o', PN_OPTION_TEXT, offsetof(struct hits_config, output), "FILE", NULL,
      "write FILE, whole or not at all" },
};

const struct pn_option_table pn_options_hits = { rows, PN_COUNT_OF(rows) };

/* A policy, opened to be asked for its rules. */
struct opened {
    struct pn_rules_file file;
    struct pn_decoded decoded;
    bool is_open;
};

struct hits_run {
    struct pn_tool *tool;
    const struct hits_config *config;
    const char *name;
    struct opened live, next;
    struct pn_hits hits, shadow;
};

static void
opened_close(struct opened *opened)
{
    pn_decoded_clear(&opened->decoded);
    pn_rules_file_close(&opened->file);
}

/*
 * A policy that the operands name must be there. One that the counts name may be gone,
 * and is read if it is an absolute path of a regular file: whoever may write the counts
 * is not to have anything else opened.
 */
static int
policy_open(struct hits_run *run, struct opened *opened, const char *name, bool named)
{
    int status = PN_EXIT_OK;

    if (!name || !*name)
        return PN_EXIT_OK;
    if (!named) {
        opened->is_open =
            *name == '/' && pn_input_is_plain(name) &&
            pn_rules_file_try(&opened->file, &opened->decoded, run->tool, name);
        return PN_EXIT_OK;
    }
    status = pn_rules_file_open(&opened->file, run->tool, &run->config->common, name);
    if (status == PN_EXIT_OK)
        status = pn_rules_file_decode(&opened->file, run->tool, &opened->decoded);
    opened->is_open = status == PN_EXIT_OK;
    return status;
}

static int
make(struct hits_run *run, struct pn_hits *hits, const struct opened *opened)
{
    if (pn_hits_make(hits, opened->is_open ? &opened->file : NULL,
                     opened->is_open ? &opened->decoded : NULL))
        return PN_EXIT_OK;
    return pn_tool_fail_memory(run->tool, run->name);
}

static int
written(struct hits_run *run, struct pn_output *out)
{
    const char *name = run->config->output;

    if (out->pending.failed)
        return pn_tool_fail_memory(run->tool, name);
    if (pn_atomic_put(name, out->pending.bytes, out->pending.size))
        return PN_EXIT_OK;
    return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, name);
}

static int
show(struct hits_run *run, const struct pn_hits_view *view)
{
    static const pn_hits_renderer renderers[] = { [FORMAT_TEXT] = pn_hits_text,
                                                  [FORMAT_JSON] = pn_hits_json,
                                                  [FORMAT_PROMETHEUS] =
                                                      pn_hits_prometheus };
    pn_hits_renderer render = renderers[run->config->common.format];
    struct pn_style style = { .color = false };
    struct pn_output file;
    int status;

    if (!run->config->output) {
        style = pn_tool_style(run->tool, &run->config->common, &run->tool->out);
        render(&run->tool->out, &run->hits, view, &style);
        return PN_EXIT_OK;
    }
    pn_output_begin(&file, -1);
    render(&file, &run->hits, view, &style);
    status = written(run, &file);
    pn_buffer_free(&file.pending);
    return status;
}

static bool
is_any_unused(const struct hits_run *run, const struct pn_hits_view *view)
{
    for (size_t i = 0; view->unused && i < run->hits.count; i++)
        if (pn_hits_shows(&run->hits, view, &run->hits.items[i]))
            return true;
    return false;
}

static int
look(struct hits_run *run, struct pn_hits_view *view, const char *policy)
{
    const struct pn_counts_fixed *fixed = &run->hits.counts.header.fixed;
    const char *fault = pn_counts_read(run->name, &run->hits.counts);
    int status;

    if (fault)
        return pn_tool_fail_of(run->tool,
                               errno == ENOMEM ? PN_EXIT_SYSTEM : PN_EXIT_USAGE,
                               run->name, fault);
    status = policy_open(run, &run->live, policy ? policy : fixed->rules, policy);
    if (status == PN_EXIT_OK)
        status = make(run, &run->hits, &run->live);
    if (status == PN_EXIT_OK && view->pairs) {
        status = policy_open(run, &run->next, fixed->shadow, false);
        if (status == PN_EXIT_OK)
            status = make(run, &run->shadow, &run->next);
    }
    if (status != PN_EXIT_OK)
        return status;
    if (view->unused && !run->live.is_open)
        return pn_tool_fail_of(run->tool, PN_EXIT_USAGE, run->name,
                               "--unused asks for the policy: name it as FILE");
    view->policy = run->live.is_open ? run->live.file.name : NULL;
    view->shadow = run->next.is_open ? &run->shadow : NULL;
    status = show(run, view);
    return status == PN_EXIT_OK && is_any_unused(run, view) ? PN_EXIT_FINDINGS : status;
}

/* Letters, digits and underscores, as Prometheus has them, and what is not ours. */
static bool
is_label(const char *text)
{
    static const char *const ours[] = { "outcome=", "identity=", "file=", "rule=",
                                        "le=" };
    size_t len = strcspn(text, "=");

    for (size_t i = 0; i < PN_COUNT_OF(ours); i++)
        if (strncmp(text, ours[i], strlen(ours[i])) == 0)
            return false;
    for (size_t i = 0; i < len; i++)
        if (!(text[i] >= 'a' && text[i] <= 'z') &&
            !(text[i] >= 'A' && text[i] <= 'Z') && text[i] != '_' &&
            (!i || text[i] < '0' || text[i] > '9'))
            return false;
    return len && text[len] && strncmp(text, "__", 2) != 0;
}

int
pn_verb_hits(struct pn_tool *tool, int argc, char **argv)
{
    struct hits_config config = { .output = NULL };
    struct hits_run run = { .tool = tool,
                            .config = &config,
                            .live = { .file = { .image = -1 } },
                            .next = { .file = { .image = -1 } } };
    struct pn_hits_view view = { .name = NULL };
    int status, operands;
    size_t days;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1 && operands != 2)
        return pn_tool_usage(tool, "one COUNTS is wanted, and perhaps FILE");
    if (config.unused && !pn_count_parse(config.unused, 0, DAYS_MOST, &days))
        return pn_tool_usage(tool, "--unused wants a number of days up to 36500");
    if (config.shadow && (config.unused || config.common.format == FORMAT_PROMETHEUS))
        return pn_tool_usage(tool, config.unused
                                       ? "--shadow and --unused are two questions"
                                       : "--shadow is text or json");
    if (config.label && !is_label(config.label))
        return pn_tool_usage(tool, "--label wants NAME=VALUE, and a NAME of letters");
    run.name = view.name = argv[0];
    view.label = config.label;
    view.pairs = config.shadow;
    view.unused = config.unused != NULL;
    view.seconds = view.unused ? (uint64_t)days * SECONDS_A_DAY : 0;
    status = look(&run, &view, operands == 2 ? argv[1] : NULL);
    pn_hits_clear(&run.hits);
    pn_hits_clear(&run.shadow);
    opened_close(&run.live);
    opened_close(&run.next);
    return status;
}
