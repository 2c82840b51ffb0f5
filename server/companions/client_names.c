/* Names that wait; once.h has the process. */
#include "server/companions/client_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cell_confine.h"
#include "server/companions/once.h"
#include "server/lookup.h"

/* What a process apart takes beyond its timeouts; and a host's addresses, of which each
 * family is asked for. */
enum { APART_MS = 2000, ADDRESSES_MS = 2 * SRV_DNS_TOTAL_MS + APART_MS };

struct finding {
    struct srv_lookup *done; /* NULL until it is */
};

static void
on_found(struct srv_lookup *lookup)
{
    struct finding *finding = lookup->owner;

    finding->done = lookup;
}

/* `ready` is called once all is open that is needed. */
static const char *
find(const struct srv_names_wanted *wanted, void (*ready)(void),
     struct srv_cell_reply *out)
{
    struct finding finding = { NULL };
    struct srv_lookup *begun; /* `finding` has it in the end */
    struct srv_lookup_plan plan = { .work = wanted->work,
                                    .ident_ms = wanted->ident_ms,
                                    .loop = srv_loop_new(),
                                    .done = on_found,
                                    .owner = &finding,
                                    .out = &begun };

    if (!plan.loop)
        return "unable to begin";
    plan.resolver = srv_resolver_new(plan.loop, getenv("DNSCACHEIP"), NULL);
    if (!plan.resolver)
        return "unable to look up names";
    srv_resolver_use(plan.resolver); /* until it goes with the process */
    if (ready)
        ready();
    if (!srv_lookup_begin(wanted->client, &plan)) {
        errno = 0;
        return "out of memory";
    }
    while (!finding.done)
        if (!srv_loop_turn(plan.loop))
            return "unable to wait";
    srv_cell_reply_of(finding.done, out);
    srv_lookup_free(finding.done);
    return NULL;
}

const char *
srv_names_find(const struct srv_names_wanted *wanted, struct srv_cell_reply *out)
{
    return find(wanted, NULL, out);
}

static void
confine(void)
{
    (void)srv_cell_confine(); /* as far as it goes */
}

static void
names_work(void *payload, void *result)
{
    if (find(payload, confine, result))
        _exit(1);
}

void
srv_names_find_apart(const struct srv_names_wanted *wanted, struct srv_cell_reply *out)
{
    struct srv_names_wanted there = *wanted;
    bool names = wanted->work & ~(unsigned)SRV_LOOKUP_IDENT;
    int64_t most = names ? SRV_DNS_TOTAL_MS : 0;

    if (wanted->work & SRV_LOOKUP_IDENT && wanted->ident_ms > most)
        most = wanted->ident_ms;
    memset(out, 0, sizeof(*out));
    if (!srv_once_apart(names_work, &there, out, sizeof(*out), most + APART_MS) ||
        !srv_cell_reply_is_sound(out, sizeof(*out)))
        memset(out, 0, sizeof(*out));
    out->nameless &= wanted->work;
    out->has_host = out->has_host && wanted->work & SRV_LOOKUP_HOST;
    out->has_local_host = out->has_local_host && wanted->work & SRV_LOOKUP_LOCAL_HOST;
    out->has_ident = out->has_ident && wanted->work & SRV_LOOKUP_IDENT;
}

struct told {
    uint32_t outcome; /* enum srv_names_outcome */
    struct srv_addresses found;
};

struct asked {
    const char *host;
    bool ipv4_only;
};

static void
addresses_work(void *payload, void *result)
{
    const struct asked *asked = payload;
    struct told *told = result;

    told->outcome = (uint32_t)srv_addresses_ask(asked->host, asked->ipv4_only, confine,
                                                &told->found);
}

/* Are they addresses that a host can have, and as many as can be? */
static bool
is_sound(const struct told *told, bool ipv4_only)
{
    static const uint8_t zero[16];
    const struct srv_addresses *found = &told->found;

    if (told->outcome > SRV_NAMES_LATER ||
        found->count > sizeof(found->items) / sizeof(found->items[0]) ||
        (told->outcome == SRV_NAMES_FOUND) != (found->count != 0))
        return false;
    for (size_t i = 0; i < found->count; i++) {
        const struct postern_addr *addr = &found->items[i];

        if (addr->family != 4 && (addr->family != 6 || ipv4_only))
            return false;
        if (addr->family == 4 && memcmp(addr->bytes + 4, zero, 12) != 0)
            return false;
    }
    return true;
}

enum srv_names_outcome
srv_addresses_find_apart(const char *host, bool ipv4_only, struct srv_addresses *out)
{
    struct asked asked = { host, ipv4_only };
    struct told told = { .outcome = SRV_NAMES_LATER };
    enum srv_names_outcome outcome = srv_addresses_known(host, ipv4_only, out);

    if (outcome != SRV_NAMES_LATER)
        return outcome;
    if (!srv_once_apart(addresses_work, &asked, &told, sizeof(told), ADDRESSES_MS) ||
        !is_sound(&told, ipv4_only)) {
        *out = (struct srv_addresses){ .error = ETIMEDOUT };
        return SRV_NAMES_LATER;
    }
    *out = told.found;
    out->error = ETIMEDOUT;
    return (enum srv_names_outcome)told.outcome;
}
