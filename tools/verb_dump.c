/* postern dump: a source that compiles to what a file decides. */
#include "base/sizes.h"
#include "tools/dump_text.h"
#include "tools/verbs.h"

struct dump_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool verify;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "verify", 0, PN_OPTION_FLAG, offsetof(struct dump_config, verify), NULL, NULL,
      "write no rules: check every byte of the file" },
};

const struct pn_option_table pn_options_dump = { rows, PN_COUNT_OF(rows) };

/* Opens the image once more, with a look at every record and every slot. */
static int
check_bytes(struct pn_tool *tool, const struct pn_rules_file *file)
{
    struct postern_rules *rules = NULL;
    enum postern_status status =
        postern_rules_open_fd(file->image, POSTERN_OPEN_CHECK, &rules);

    postern_rules_close(rules);
    if (status == POSTERN_OK)
        return PN_EXIT_OK;
    return pn_tool_fail_status(tool, file->name, status);
}

static void
verified(struct pn_tool *tool, const struct dump_config *config,
         const struct pn_rules_file *file)
{
    struct postern_info info = POSTERN_INFO_INIT;
    bool native;

    if (postern_rules_info(file->rules, &info) != POSTERN_OK)
        return;
    native = info.format == POSTERN_FORMAT_NATIVE;
    if (config->common.format == PN_FORMAT_JSON)
        pn_output_format(&tool->out,
                         "{\"schema\": 1, \"verified\": true, \"format\": \"%s\", "
                         "\"size\": %llu, \"%s\": %llu}\n",
                         native ? "native" : "classic", (unsigned long long)info.size,
                         native ? "rules" : "records",
                         (unsigned long long)info.records);
    else
        pn_output_format(&tool->out, "%s: well: %s, %llu bytes, %llu %s\n", file->name,
                         native ? "native" : "classic", (unsigned long long)info.size,
                         (unsigned long long)info.records,
                         native ? "rules" : "records");
}

static int
dump(struct pn_tool *tool, const struct dump_config *config, struct pn_rules_file *file)
{
    struct pn_buffer text = { 0 };
    int status = config->verify ? check_bytes(tool, file) : PN_EXIT_OK;

    if (status == PN_EXIT_OK)
        status = pn_dump_text(file, tool, &text);
    if (status == PN_EXIT_OK)
        status = pn_dump_prove(file, tool, &text);
    if (status == PN_EXIT_OK && config->verify)
        verified(tool, config, file);
    else if (status == PN_EXIT_OK)
        pn_output_add(&tool->out, text.bytes, text.size);
    pn_buffer_free(&text);
    return status;
}

int
pn_verb_dump(struct pn_tool *tool, int argc, char **argv)
{
    struct dump_config config = { 0 };
    struct pn_rules_file file = { .image = -1 };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 1)
        return pn_tool_usage(tool, "one FILE is wanted");
    if (config.common.format == PN_FORMAT_JSON && !config.verify)
        return pn_tool_usage(tool,
                             "a source is text: --format json goes with --verify");
    status = pn_rules_file_open(&file, tool, &config.common, argv[0]);
    if (status == PN_EXIT_OK)
        status = dump(tool, &config, &file);
    pn_rules_file_close(&file);
    return status;
}
