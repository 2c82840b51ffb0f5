/* The other way round than literal.c. */
#include "compiler/query_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/intern.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/terms.h"

static bool
is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_.+-", c));
}

void
pn_value_write(struct pn_buffer *out, struct pn_str value)
{
    pn_buffer_add(out, "\"", 1);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if (c == '"' || c == '\\')
            pn_buffer_add_format(out, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t')
            pn_buffer_add_text(out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        else if (c < 0x20 || c == 0x7f)
            pn_buffer_add_format(out, "\\x%02x", c);
        else
            pn_buffer_add(out, &value.ptr[i], 1);
    }
    pn_buffer_add(out, "\"", 1);
}

/* By its number in `names`, which assignment of a name is the last one, and counts. */
static uint32_t *
last_find(struct postern_env_iter iter, struct pn_intern *names)
{
    uint32_t *last = NULL, number, place = 0;
    struct postern_env env;
    size_t capacity = 0;

    for (; postern_env_next(&iter, &env); place++) {
        if (!env.value.ptr)
            continue;
        if (!pn_intern_add(names, env.name.ptr, env.name.len, &number) ||
            !pn_vector_reserve(&last, &capacity, names->count, sizeof(*last))) {
            pn_free(last);
            return NULL;
        }
        last[number] = place;
    }
    return last;
}

void
pn_env_write(struct pn_buffer *out, struct postern_env_iter iter)
{
    struct pn_intern names = { 0 };
    uint32_t *last = last_find(iter, &names), number, place = 0;
    struct postern_env env;

    for (; postern_env_next(&iter, &env); place++) {
        if (!env.value.ptr)
            continue;
        if (!last || !pn_intern_find(&names, env.name.ptr, env.name.len, &number)) {
            out->failed = true;
            break;
        }
        if (last[number] != place)
            continue;
        pn_buffer_add_text(out, ", ");
        pn_buffer_add(out, env.name.ptr, env.name.len);
        pn_buffer_add_text(out, "=");
        pn_value_write(out, (struct pn_str){ env.value.ptr, env.value.len });
    }
    pn_free(last);
    pn_intern_clear(&names);
}

/* Nothing for what it is when it is not written. */
static void
per_write(struct pn_buffer *out, struct postern_per per)
{
    if (per.v4 != PN_PER_V4 || per.v6 != PN_PER_V6)
        pn_buffer_add_format(out, " per /%u,/%u", (unsigned)per.v4, (unsigned)per.v6);
}

void
pn_penalty_write(struct pn_buffer *out, const struct postern_penalty *penalty)
{
    if (!penalty->seconds)
        pn_buffer_add_text(out, "no penalty");
    else if (penalty->first == POSTERN_STATUS_SIGNAL)
        pn_buffer_add_format(out, "penalty signal %" PRIu32, penalty->seconds);
    else if (penalty->first == penalty->last)
        pn_buffer_add_format(out, "penalty %u %" PRIu32, (unsigned)penalty->first,
                             penalty->seconds);
    else
        pn_buffer_add_format(out, "penalty %u-%u %" PRIu32, (unsigned)penalty->first,
                             (unsigned)penalty->last, penalty->seconds);
}

static void
penalties_write(struct pn_buffer *out, struct postern_penalty_iter iter)
{
    struct postern_penalty penalty;

    while (postern_penalty_next(&iter, &penalty)) {
        pn_buffer_add_text(out, ", ");
        pn_penalty_write(out, &penalty);
    }
}

void
pn_admission_write(struct pn_buffer *out, const struct postern_decision *d)
{
    struct postern_limit_iter more = d->more_limits;
    struct postern_limit limit = d->limit;

    if (limit.n)
        do {
            pn_buffer_add_format(out, ", limit %" PRIu32, limit.n);
            per_write(out, limit.per);
        } while (postern_limit_next(&more, &limit));
    if (d->rate.n) {
        pn_buffer_add_format(out, ", rate %" PRIu32 "/%s", d->rate.n,
                             pn_rate_unit(d->rate.seconds));
        per_write(out, d->rate.per);
    }
    if (d->reject.ptr) {
        pn_buffer_add_text(out, ", reject ");
        pn_value_write(out, (struct pn_str){ d->reject.ptr, d->reject.len });
    }
    penalties_write(out, d->penalties);
}

void
pn_ident_write(struct pn_buffer *out, struct pn_str ident)
{
    bool plain = ident.len > 0;

    for (size_t i = 0; i < ident.len; i++)
        plain = plain && is_plain(ident.ptr[i]);
    if (plain)
        pn_buffer_add(out, ident.ptr, ident.len);
    else
        pn_value_write(out, ident);
    pn_buffer_add(out, "@", 1);
}

void
pn_query_write(struct pn_buffer *out, const struct postern_query *query)
{
    char address[POSTERN_ADDR_TEXT_SIZE];

    if (query->ident.ptr)
        pn_ident_write(out, (struct pn_str){ query->ident.ptr, query->ident.len });
    postern_addr_print(&query->remote, address);
    pn_buffer_add_text(out, address);
    if (query->host.ptr) {
        pn_buffer_add_text(out, " =");
        pn_buffer_add(out, query->host.ptr, query->host.len);
    }
}

static struct postern_str
text_keep(struct pn_buffer *buffer, struct postern_str text)
{
    if (!text.ptr)
        return text;
    buffer->size = 0;
    pn_buffer_add(buffer, text.ptr, text.len);
    return (struct postern_str){ text.len ? buffer->bytes : "", text.len };
}

struct postern_query
pn_query_keep(const struct postern_query *query, struct pn_buffer *host,
              struct pn_buffer *ident)
{
    struct postern_query kept = *query;

    kept.host = text_keep(host, query->host);
    kept.ident = text_keep(ident, query->ident);
    return kept;
}
