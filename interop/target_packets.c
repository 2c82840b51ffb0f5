/* The targets that packets are held to: sets of who is denied, and a chain over them.
 */
#include "interop/targets.h"
#include "interop/written.h"

/* nft takes long lines slowly, and ipset counts what it makes room for. */
enum { ELEMENTS_MOST = 500, SETS_LEAST = 65536 };

struct elements {
    struct pn_output *out;
    const struct pn_target_names *names;
    size_t count; /* in the command at hand */
};

static void
elements_end(struct elements *e)
{
    if (e->count)
        pn_output_text(e->out, " }\n");
    e->count = 0;
}

/* Intervals, and not prefixes: nft makes of them what it wants. */
static void
element_write(struct elements *e, const struct pn_span_answer *span)
{
    if (e->count == ELEMENTS_MOST)
        elements_end(e);
    if (e->count)
        pn_output_text(e->out, ", ");
    else
        pn_output_format(e->out, "add element inet %s %s_denied%u { ", e->names->table,
                         e->names->name, span->family);
    pn_written_address(e->out, span->first, span->family);
    if (span->first != span->last) {
        pn_output_text(e->out, "-");
        pn_written_address(e->out, span->last, span->family);
    }
    e->count++;
}

static void
nft_set(struct pn_output *out, const struct pn_spans *spans,
        const struct pn_target_names *names, uint8_t family)
{
    struct elements elements = { out, names, 0 };

    pn_output_format(
        out,
        "add set inet %s %s_denied%u { type ipv%u_addr; flags interval; }\n"
        "flush set inet %s %s_denied%u\n",
        names->table, names->name, family, family, names->table, names->name, family);
    for (size_t i = 0; i < spans->count; i++)
        if (spans->items[i].family == family && !spans->items[i].allows)
            element_write(&elements, &spans->items[i]);
    elements_end(&elements);
}

void
pn_target_write_nftables(struct pn_output *out, const struct pn_spans *spans,
                         const struct pn_target_names *names)
{
    const char *table = names->table, *name = names->name;

    pn_output_format(out, "add table inet %s\n", table);
    nft_set(out, spans, names, 4);
    nft_set(out, spans, names, 6);
    pn_output_format(out, "add chain inet %s %s\nflush chain inet %s %s\n", table, name,
                     table, name);
    pn_output_format(out, "add rule inet %s %s ip saddr @%s_denied4 drop\n", table,
                     name, name);
    pn_output_format(out, "add rule inet %s %s ip6 saddr @%s_denied6 drop\n", table,
                     name, name);
}

struct members {
    struct pn_output *out; /* NULL: they are counted */
    const char *name;
    size_t count;
};

static void
member_add(void *payload, const struct pn_span_answer *span, pn_number first,
           unsigned length)
{
    struct members *m = payload;

    m->count++;
    if (!m->out)
        return;
    pn_output_format(m->out, "add %s%u ", m->name, span->family);
    pn_written_address(m->out, first, span->family);
    pn_output_format(m->out, "/%u\n", length);
}

void
pn_target_write_ipset(struct pn_output *out, const struct pn_spans *spans,
                      const struct pn_target_names *names)
{
    for (unsigned side = 0; side < PN_FAMILIES; side++) {
        uint8_t family = pn_family_at(side);
        struct members members = { NULL, names->name, 0 };

        pn_spans_each_halved(spans, family, false, member_add, &members);
        if (members.count < SETS_LEAST)
            members.count = SETS_LEAST;
        pn_output_format(out,
                         "create %s%u hash:net family inet%s maxelem %zu -exist\n"
                         "flush %s%u\n",
                         names->name, family, family == 6 ? "6" : "", members.count,
                         names->name, family);
        members.out = out;
        pn_spans_each_halved(spans, family, false, member_add, &members);
    }
}

void
pn_target_write_iptables(struct pn_output *out, const struct pn_spans *spans,
                         const struct pn_target_names *names)
{
    (void)spans;
    pn_output_format(out,
                     "*filter\n:%s - [0:0]\n"
                     "-A %s -m set --match-set %s%u src -j DROP\nCOMMIT\n",
                     names->name, names->name, names->name, names->family);
}
