/* postern help: the manual page of a verb, or of anything else that has one. */
#include <string.h>

#include "base/nearest.h"
#include "base/sizes.h"
#include "tools/manual.h"
#include "tools/pager.h"
#include "tools/render/pages.h"
#include "tools/tool.h"
#include "tools/verbs.h"

static const struct pn_option rows[] = { PN_TEXT_OPTIONS };

const struct pn_option_table pn_options_help = { rows, PN_COUNT_OF(rows) };

/* "check" is postern-check; "tcprules", "postern" and "postern-rules" are themselves.
 */
static const struct pn_manual *
manual_find(const char *topic)
{
    static const char prefix[] = "postern-";
    const struct pn_manual *page;

    for (page = pn_manuals; page->name; page++)
        if (strcmp(page->name, topic) == 0 ||
            (strncmp(page->name, prefix, sizeof(prefix) - 1) == 0 &&
             strcmp(page->name + sizeof(prefix) - 1, topic) == 0))
            return page;
    return NULL;
}

/* The topic that was likely meant, as a person writes it; NULL when none is near. */
static const char *
topic_near(const char *topic)
{
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, pn_str_of_text(topic));
    for (size_t i = 0; i < pn_verb_count; i++)
        pn_nearest_offer(&nearest, pn_str_of_text(pn_verbs[i].name));
    for (const struct pn_manual *page = pn_manuals; page->name; page++)
        pn_nearest_offer(&nearest, pn_str_of_text(page->name));
    return nearest.best.ptr;
}

static int
no_such_page(struct pn_tool *tool, const char *topic)
{
    const char *near = topic_near(topic);
    int status = pn_tool_fail_unknown(tool, pn_str_of_text(topic),
                                      "no manual page tells of it", near);

    if (near)
        return status;
    pn_output_text(&tool->err, "there are:");
    for (const struct pn_manual *page = pn_manuals; page->name; page++) {
        pn_output_text(&tool->err, " ");
        pn_output_text(&tool->err, page->name);
    }
    pn_output_text(&tool->err, "\n");
    return status;
}

int
pn_verb_help(struct pn_tool *tool, int argc, char **argv)
{
    struct pn_common common = { 0 };
    const struct pn_manual *page;
    struct pn_paged text;
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &common, &operands, &status))
        return status;
    if (operands > 1)
        return pn_tool_usage(tool, "one TOPIC is wanted");
    page = manual_find(operands ? argv[0] : "postern");
    if (!page && pn_verb_find(argv[0])) /* a verb without a page of its own */
        page = manual_find("postern");
    if (!page)
        return no_such_page(tool, argv[0]);
    pn_paged_begin(&text, tool);
    pn_manual_write(&text.out, (struct pn_str){ (const char *)page->text, page->size },
                    text.styled);
    return pn_paged_end(&text, tool);
}
