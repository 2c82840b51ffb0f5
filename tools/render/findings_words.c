/* The parts that a finding has, one behind the other. */
#include "tools/render/findings_words.h"

#include <stdlib.h>
#include <string.h>

#include "tools/render/findings_fix.h"

enum { LINKS_MOST = 3 };

static void
query(struct pn_output *out, const struct pn_report *report, const struct pn_finding *f,
      const char *between)
{
    if (f->query == PN_NO_QUERY)
        return;
    pn_output_text(out, between);
    pn_output_text(out, "query: ");
    pn_finding_query_text(out, report, f);
    if (!f->answer)
        return;
    pn_output_text(out, " is ");
    pn_output_text(out, pn_report_text(report, f->answer));
}

static void
links(struct pn_output *out, const struct pn_report *report, const struct pn_finding *f,
      const char *between)
{
    for (size_t i = 0; i < f->link_count && i < LINKS_MOST; i++) {
        const struct pn_finding_link *link = &report->links[f->first_link + i];

        pn_output_text(out, between);
        if (link->at.file != f->at.file &&
            strcmp(pn_report_text(report, link->at.file),
                   pn_report_text(report, f->at.file)) != 0) {
            pn_output_text(out, pn_report_text(report, link->at.file));
            pn_output_format(out, ":%u: ", link->at.line);
        } else {
            pn_output_format(out, "line %u: ", link->at.line);
        }
        pn_output_text(out, pn_report_text(report, link->message));
    }
    if (f->link_count > LINKS_MOST)
        pn_output_format(out, ", and %zu more", f->link_count - LINKS_MOST);
}

void
pn_finding_words(struct pn_output *out, const struct pn_findings *all,
                 const struct pn_finding *f, const char *between)
{
    const struct pn_report *report = all->report;

    pn_output_text(out, pn_finding_message(report, f));
    if (f->label) {
        pn_output_text(out, ": ");
        pn_output_text(out, pn_report_text(report, f->label));
    }
    links(out, report, f, between);
    query(out, report, f, between);
    if (f->help) {
        pn_output_text(out, between);
        pn_output_text(out, "help: ");
        pn_output_text(out, pn_report_text(report, f->help));
    }
    if (f->edit_count) {
        pn_output_text(out, between);
        pn_output_text(out, "fix: ");
        pn_finding_fix_words(out, all, f);
    }
}

struct print {
    uint64_t print;
    size_t number; /* of the finding */
};

static int
compare_prints(const void *left, const void *right)
{
    const struct print *a = left, *b = right;

    if (a->print != b->print)
        return a->print < b->print ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

uint64_t *
pn_finding_prints(const struct pn_report *report)
{
    struct print *order = malloc((report->count + 1) * sizeof(*order));
    uint64_t *prints = malloc((report->count + 1) * sizeof(*prints));
    uint64_t equal = 0;

    if (!order || !prints) {
        free(order);
        free(prints);
        return NULL;
    }
    for (size_t i = 0; i < report->count; i++)
        order[i] =
            (struct print){ pn_finding_fingerprint(report, &report->items[i]), i };
    qsort(order, report->count, sizeof(*order), compare_prints);
    for (size_t i = 0; i < report->count; i++) {
        equal = i && order[i].print == order[i - 1].print ? equal + 1 : 0;
        prints[order[i].number] =
            equal ? pn_finding_print_of(order[i].print, equal) : order[i].print;
    }
    free(order);
    return prints;
}
