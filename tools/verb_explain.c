/* postern explain: the page of a finding. */
#include <string.h>

#include "analysis/lint/finding.h"
#include "base/sizes.h"
#include "tools/render/pages.h"
#include "tools/tool.h"
#include "tools/verbs.h"

static const struct pn_option rows[] = { PN_COMMON_OPTIONS };

const struct pn_option_table pn_options_explain = { rows, PN_COUNT_OF(rows) };

const struct pn_page *
pn_page_find(const char *code)
{
    for (const struct pn_page *page = pn_pages; page->name; page++)
        if (strcmp(page->name, code) == 0)
            return page;
    return NULL;
}

struct explaining {
    struct pn_tool *tool;
    size_t count;
};

static void
explain(void *payload, enum pn_check check)
{
    struct explaining *e = payload;
    const struct pn_page *page = pn_page_find(pn_check_info[check].code);

    if (!page)
        return;
    if (e->count++)
        pn_output_text(&e->tool->out, "\n");
    pn_output_add(&e->tool->out, page->text, page->size);
}

int
pn_verb_explain(struct pn_tool *tool, int argc, char **argv)
{
    struct pn_common common = { 0 };
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &common, &operands, &status))
        return status;
    if (!operands)
        return pn_tool_usage(tool, "a CODE or a name is wanted");
    for (int i = 0; i < operands; i++) {
        struct explaining e = { tool, 0 };
        struct pn_str word = { argv[i], strlen(argv[i]) };

        if (!pn_check_named(word, explain, &e))
            return pn_tool_fail_unknown(tool, word, "no finding has this name",
                                        pn_check_near(word));
    }
    return PN_EXIT_OK;
}
