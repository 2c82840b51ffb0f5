/* hosts.allow, with the options that Debian's libwrap knows: see hosts_options(5). */
#include "interop/targets.h"
#include "interop/written.h"

struct wrapped {
    struct pn_output *out;
    const char *daemon;
};

/*
 * libwrap knows masks of IPv4, and takes the one of 32 ones for a mistake; and lengths
 * of IPv6 behind brackets.
 */
static void
line_write(void *payload, const struct pn_span_answer *span, pn_number first,
           unsigned length)
{
    const struct wrapped *w = payload;

    pn_output_format(w->out, "%s : ", w->daemon);
    if (span->family == 6) {
        pn_output_text(w->out, "[");
        pn_written_address(w->out, first, 6);
        pn_output_format(w->out, "]/%u", length);
    } else {
        pn_written_address(w->out, first, 4);
        if (length < pn_family_bits(4)) {
            pn_output_text(w->out, "/");
            pn_written_address(w->out, UINT32_MAX - pn_host_mask(4, length), 4);
        }
    }
    pn_output_text(w->out, span->allows ? " : ALLOW\n" : " : DENY\n");
}

void
pn_target_write_hosts_allow(struct pn_output *out, const struct pn_spans *spans,
                            const struct pn_target_names *names)
{
    struct wrapped wrapped = { out, names->daemon };

    pn_spans_each_prefix(spans, 0, !spans->default_allows, line_write, &wrapped);
    pn_output_format(out, "%s : ALL : %s\n", names->daemon,
                     spans->default_allows ? "ALLOW" : "DENY");
}
