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

/* What is left where tcp6 cannot say all; it has no prefix of length 0. */
void
pn_target_write_tcp6(struct pn_output *out, const struct pn_spans *spans,
                     const struct pn_target_names *names)
{
    struct lines lines = { out, "", spans->default_allows ? ":deny\n" : ":allow\n",
                           true };

    (void)names;
    pn_spans_each_halved(spans, 0, !spans->default_allows, line_write, &lines);
    pn_output_text(out, spans->default_allows ? ":allow\n" : ":deny\n");
}

enum { MAPPED_LENGTH = 96 };

/*
 * haproxy looks up an IPv4 address that is mapped into IPv6 among prefixes of IPv6, and
 * of IPv4 only when none of those holds it: so none may. Recurses at most 96 deep.
 */
static void
unmapped_write(void *payload, const struct pn_span_answer *span, pn_number first,
               unsigned length)
{
    const pn_number mapped = (pn_number)0xffff << 32;
    const pn_number mapped_last = mapped | UINT32_MAX;
    pn_number half;

    if (span->family == 4 || first > mapped_last ||
        (first | pn_host_mask(6, length)) < mapped) {
        line_write(payload, span, first, length);
        return;
    }
    if (length >= MAPPED_LENGTH)
        return;
    half = pn_host_mask(6, length + 1) + 1;
    unmapped_write(payload, span, first, length + 1);
    unmapped_write(payload, span, first + half, length + 1);
}

void
pn_target_write_haproxy(struct pn_output *out, const struct pn_spans *spans,
                        const struct pn_target_names *names)
{
    struct lines allow = { out, "", " allow\n", false };
    struct lines deny = { out, "", " deny\n", false };

    (void)names;
    pn_spans_each_prefix(spans, 0, true, unmapped_write, &allow);
    pn_spans_each_prefix(spans, 0, false, unmapped_write, &deny);
}

/* nginx takes the last address of IPv4 for a mistake; no client comes from it. */
static void
nginx_line_write(void *payload, const struct pn_span_answer *span, pn_number first,
                 unsigned length)
{
    if (span->family == 6 || first != UINT32_MAX)
        line_write(payload, span, first, length);
}

void
pn_target_write_nginx(struct pn_output *out, const struct pn_spans *spans,
                      const struct pn_target_names *names)
{
    bool allows = spans->default_allows;
    struct lines lines = { out, "\t", allows ? " deny;\n" : " allow;\n", false };

    /* a default is one of length 0 there */
    pn_output_format(out, "geo $%s {\n\tdefault %s;\n", names->name,
                     allows ? "allow" : "deny");
    pn_spans_each_halved(spans, 0, !allows, nginx_line_write, &lines);
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
