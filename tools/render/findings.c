/* What all formats take from a finding: its message, its query and its fingerprint. */
#include "tools/render/findings.h"

#include <string.h>

#include "tools/render/answer.h"

void
pn_findings_count(const struct pn_report *report, struct pn_findings_count *out)
{
    *out = (struct pn_findings_count){ .fixable = 0 };
    for (size_t i = 0; i < report->count; i++) {
        const struct pn_finding *f = &report->items[i];

        if (f->state == PN_FINDING_NEW) {
            out->severity[f->severity]++;
            out->fixable += f->safe && f->edit_count;
        } else if (f->state == PN_FINDING_IGNORED) {
            out->ignored++;
        } else {
            out->known++;
        }
    }
}

/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo). */
static uint64_t
hash_text(uint64_t hash, struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
    return hash * UINT64_C(0x100000001b3);
}

uint64_t
pn_finding_fingerprint(const struct pn_report *report, const struct pn_finding *finding)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    const char *code = pn_check_info[finding->check].code;
    const char *file = pn_report_text(report, finding->at.file);

    hash = hash_text(hash, (struct pn_str){ code, strlen(code) });
    hash = hash_text(hash, (struct pn_str){ file, strlen(file) });
    return hash_text(hash, pn_finding_subject(report, finding));
}

uint64_t
pn_finding_print_of(uint64_t print, uint64_t number)
{
    char bytes[sizeof(number)];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(number >> 8 * i & 0xff);
    return hash_text(print, (struct pn_str){ bytes, sizeof(bytes) });
}

void
pn_finding_query_text(struct pn_output *out, const struct pn_report *report,
                      const struct pn_finding *finding)
{
    struct postern_query query = pn_finding_asked(report, finding);

    pn_query_text(out, &query);
}
