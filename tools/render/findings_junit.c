/* JUnit: a suite a file, a case a finding; a file without findings has one that passes.
 */
#include <string.h>

#include "tools/render/findings_words.h"
#include "tools/render/xml.h"

static void
xml_text(struct pn_buffer *out, const char *text)
{
    pn_xml_add(out, (struct pn_str){ text, strlen(text) });
}

static void
junit_case(struct pn_buffer *out, const struct pn_findings *all,
           const struct pn_finding *f)
{
    const struct pn_report *report = all->report;
    struct pn_output text = { .fd = -1 };
    const struct pn_check_info *info = &pn_check_info[f->check];

    pn_buffer_add_format(out, "    <testcase classname=\"%s %s\" name=\"", info->code,
                         info->name);
    xml_text(out, pn_report_text(report, f->at.file));
    pn_buffer_add_format(out,
                         ":%u:%u\" time=\"0\">\n      <failure type=\"%s\" message=\"",
                         f->at.line, f->at.column, pn_severity_name[f->severity]);
    xml_text(out, pn_finding_message(report, f));
    pn_buffer_add_text(out, "\">");
    pn_finding_words(&text, all, f, "; ");
    pn_xml_add(out, (struct pn_str){ text.pending.bytes, text.pending.size });
    out->failed |= text.pending.failed;
    pn_buffer_free(&text.pending);
    pn_buffer_add_text(out, "</failure>\n    </testcase>\n");
}

void
pn_findings_junit(struct pn_output *out, const struct pn_findings *all)
{
    struct pn_buffer cases = { 0 };
    size_t count = 0;

    for (size_t i = 0; i < all->report->count; i++)
        if (all->report->items[i].state == PN_FINDING_NEW) {
            junit_case(&cases, all, &all->report->items[i]);
            count++;
        }
    pn_output_format(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"postern lint\" tests=\"%zu\" failures=\"%zu\">\n"
        "  <testsuite name=\"postern lint\" tests=\"%zu\" failures=\"%zu\" "
        "errors=\"0\" skipped=\"0\" time=\"0\">\n",
        count ? count : 1, count, count ? count : 1, count);
    if (cases.failed)
        out->pending.failed = true;
    else if (count)
        pn_output_add(out, cases.bytes, cases.size);
    else
        pn_output_text(out, "    <testcase classname=\"postern lint\" "
                            "name=\"no findings\" time=\"0\"/>\n");
    pn_output_text(out, "  </testsuite>\n</testsuites>\n");
    pn_buffer_free(&cases);
}
