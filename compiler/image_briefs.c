/* Many queries of an image at once: addresses of one family stand behind one another.
 */
#include "compiler/image.h"

#include <string.h>

/* The queries of one family that have nothing but an address. */
struct alone {
    size_t count, width;
    uint8_t at[PN_IMAGE_MANY];
    uint8_t addresses[PN_IMAGE_MANY * 16];
};

static void
alone_add(struct alone *alone, size_t at, const struct postern_addr *address)
{
    alone->width = address->family == 6 ? 16 : 4;
    alone->at[alone->count] = (uint8_t)at;
    memcpy(alone->addresses + alone->count++ * alone->width, address->bytes,
           alone->width);
}

static enum postern_status
alone_decide(const struct postern_rules *rules, const struct alone *alone,
             unsigned family, struct postern_brief *out)
{
    struct postern_brief briefs[PN_IMAGE_MANY];
    enum postern_status status = postern_rules_decide_addresses(
        rules, family, alone->addresses, alone->count, briefs);

    for (size_t i = 0; i < alone->count && status == POSTERN_OK; i++) {
        status = (enum postern_status)briefs[i].status;
        out[alone->at[i]] = briefs[i];
    }
    return status;
}

static enum postern_status
whole_decide(const struct postern_rules *rules, const struct postern_query *query,
             struct postern_brief *out)
{
    struct postern_decision d;
    enum postern_status status = pn_image_decide(rules, query, &d);

    *out = (struct postern_brief){
        .rule = d.rule, .verdict = d.verdict, .step = d.step, .status = (uint8_t)status
    };
    return status;
}

enum postern_status
pn_image_briefs(const struct postern_rules *rules,
                const struct postern_query *const *queries, size_t count,
                struct postern_brief *out)
{
    struct alone four = { .count = 0 }, six = { .count = 0 };
    struct postern_info info = POSTERN_INFO_INIT;
    enum postern_status status = postern_rules_info(rules, &info);
    bool native = info.format == POSTERN_FORMAT_NATIVE;

    for (size_t i = 0; i < count && status == POSTERN_OK; i++) {
        const struct postern_query *q = queries[i];

        if (!native || !q->remote.family || q->host.ptr || q->ident.ptr)
            status = whole_decide(rules, q, &out[i]);
        else
            alone_add(q->remote.family == 6 ? &six : &four, i, &q->remote);
    }
    if (status == POSTERN_OK)
        status = alone_decide(rules, &four, 4, out);
    if (status == POSTERN_OK)
        status = alone_decide(rules, &six, 6, out);
    return status;
}
