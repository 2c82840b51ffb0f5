/* The targets that are a line for each prefix. */
#include "interop/targets.h"
#include "interop/written.h"

/* How a line is written: what stands in front of a prefix, and behind it. */
struct lines {
    struct pn_output *out;
    const char *front, *behind;
    bool bare_address; /* one address without its length */
};

static void
line_write(void *payload, const struct pn_span_answer *span, pn_number first,
           unsigned length)
{
    const struct lines *lines = payload;

    pn_output_text(lines->out, lines->front);
    pn_written_address(lines->out, first, span->family);
    if (!lines->bare_address || length < pn_family_bits(span->family))
        pn_output_format(lines->out, "/%u", length);
    pn_output_text(lines->out, lines->behind);
}

void
pn_target_write_list(struct pn_output *out, const struct pn_spans *spans,
                     const struct pn_target_names *names)
{
    struct lines lines = { out, "", "\n", true };

    pn_spans_each_prefix(spans, 0, !names->denied, line_write, &lines);
}

void
pn_target_write_haproxy(struct pn_output *out, const struct pn_spans *spans,
                        const struct pn_target_names *names)
{
    struct lines allow = { out, "", " allow\n", false };
    struct lines deny = { out, "", " deny\n", false };

    (void)names;
    pn_spans_each_prefix(spans, 0, true, line_write, &allow);
    pn_spans_each_prefix(spans, 0, false, line_write, &deny);
}

void
pn_target_write_nginx(struct pn_output *out, const struct pn_spans *spans,
                      const struct pn_target_names *names)
{
    bool allows = spans->default_allows;
    struct lines lines = { out, "\t", allows ? " deny;\n" : " allow;\n", false };

    pn_output_format(out, "geo $%s {\n\tdefault %s;\n", names->name,
                     allows ? "allow" : "deny");
    pn_spans_each_prefix(spans, 0, !allows, line_write, &lines);
    pn_output_text(out, "}\n");
}

void
pn_target_write_postfix(struct pn_output *out, const struct pn_spans *spans,
                        const struct pn_target_names *names)
{
    struct lines lines = { out, "", "\tREJECT\n", false };

    (void)names;
    pn_spans_each_prefix(spans, 0, false, line_write, &lines);
}
