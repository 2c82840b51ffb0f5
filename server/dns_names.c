/* Blocking look-ups, for the start of a program, when there is nothing else to do. */
#define _DEFAULT_SOURCE
#include "server/dns_names.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "server/command.h"
#include "server/endpoint.h"
#include "server/resolver.h"

bool
srv_port_find(const char *text, const char *protocol, uint16_t *out)
{
    const struct servent *service;
    size_t number;

    if (pn_count_parse(text, 0, UINT16_MAX, &number)) {
        *out = (uint16_t)number;
        return true;
    }
    service = getservbyname(text, protocol);
    if (!service)
        return false;
    *out = ntohs((uint16_t)service->s_port);
    return true;
}

struct search {
    struct srv_addresses *out;
    bool done;
    enum srv_dns_outcome outcome;
};

/* As far as there is room. */
static void
address_add(struct srv_addresses *out, const struct postern_addr *addr)
{
    for (size_t i = 0; i < out->count; i++)
        if (srv_addr_equal(&out->items[i], addr))
            return;
    if (out->count < sizeof(out->items) / sizeof(out->items[0]))
        out->items[out->count++] = *addr;
}

static void
on_addresses(void *payload, enum srv_dns_outcome outcome,
             const struct postern_addr *addresses, size_t count)
{
    struct search *search = payload;

    search->done = true;
    search->outcome = outcome;
    for (size_t i = 0; i < count; i++)
        address_add(search->out, &addresses[i]);
}

/* How a search is made. */
struct search_plan {
    bool ipv4_only;
    const char *lookups; /* of srv_resolver_new_of() */
    void (*ready)(void); /* called before anything is asked; or NULL */
};

static enum srv_names_outcome
search_run(struct srv_loop *loop, const char *host, const struct search_plan *plan,
           struct srv_addresses *out)
{
    struct srv_resolver *resolver =
        srv_resolver_new_of(loop, getenv("DNSCACHEIP"), NULL, plan->lookups);
    struct search search = { .out = out };

    out->error = ENOMEM;
    if (!resolver)
        return SRV_NAMES_LATER;
    if (plan->ready)
        plan->ready();
    srv_resolver_addresses(resolver, host, plan->ipv4_only, on_addresses, &search);
    while (!search.done && srv_loop_turn(loop))
        continue;
    srv_resolver_free(resolver);
    out->error = ETIMEDOUT;
    if (!search.done || search.outcome == SRV_DNS_FAILED)
        return SRV_NAMES_LATER;
    return search.outcome == SRV_DNS_FOUND ? SRV_NAMES_FOUND : SRV_NAMES_NONE;
}

static enum srv_names_outcome
find(const char *host, const struct search_plan *plan, struct srv_addresses *out)
{
    enum srv_names_outcome outcome;
    struct srv_loop *loop;

    *out = (struct srv_addresses){ .count = 0 };
    if (postern_addr_parse(host, strlen(host), &out->items[0])) {
        if (plan->ipv4_only && out->items[0].family == 6)
            return SRV_NAMES_NONE;
        out->count = 1;
        return SRV_NAMES_FOUND;
    }
    loop = srv_loop_new();
    if (!loop) {
        out->error = errno;
        return SRV_NAMES_LATER;
    }
    outcome = search_run(loop, host, plan, out);
    srv_loop_free(loop);
    return outcome;
}

enum srv_names_outcome
srv_addresses_find(const char *host, bool ipv4_only, struct srv_addresses *out)
{
    return find(host, &(struct search_plan){ ipv4_only, NULL, NULL }, out);
}

enum srv_names_outcome
srv_addresses_known(const char *host, bool ipv4_only, struct srv_addresses *out)
{
    enum srv_names_outcome outcome =
        find(host, &(struct search_plan){ ipv4_only, "f", NULL }, out);

    /* of a name that is in no file, the servers may know; of an address they do not */
    return outcome == SRV_NAMES_NONE && !out->items[0].family ? SRV_NAMES_LATER
                                                              : outcome;
}

enum srv_names_outcome
srv_addresses_ask(const char *host, bool ipv4_only, void (*ready)(void),
                  struct srv_addresses *out)
{
    return find(host, &(struct search_plan){ ipv4_only, "b", ready }, out);
}

const char *
srv_addresses_none_text(const char *host, bool ipv4_only)
{
    struct postern_addr addr;

    if (ipv4_only && postern_addr_parse(host, strlen(host), &addr))
        return "-4 allows no IPv6 address:";
    return "no IP address for";
}
