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

static enum srv_names_outcome
search_run(struct srv_loop *loop, const char *host, bool ipv4_only,
           struct srv_addresses *out)
{
    struct srv_resolver *resolver = srv_resolver_new(loop, getenv("DNSCACHEIP"), NULL);
    struct search search = { .out = out };

    out->error = ENOMEM;
    if (!resolver)
        return SRV_NAMES_LATER;
    srv_resolver_addresses(resolver, host, ipv4_only, on_addresses, &search);
    while (!search.done && srv_loop_turn(loop))
        continue;
    srv_resolver_free(resolver);
    out->error = ETIMEDOUT;
    if (!search.done || search.outcome == SRV_DNS_FAILED)
        return SRV_NAMES_LATER;
    return search.outcome == SRV_DNS_FOUND ? SRV_NAMES_FOUND : SRV_NAMES_NONE;
}

enum srv_names_outcome
srv_addresses_find(const char *host, bool ipv4_only, struct srv_addresses *out)
{
    enum srv_names_outcome outcome;
    struct srv_loop *loop;

    *out = (struct srv_addresses){ .count = 0 };
    if (postern_addr_parse(host, strlen(host), &out->items[0])) {
        if (ipv4_only && out->items[0].family == 6)
            return SRV_NAMES_NONE;
        out->count = 1;
        return SRV_NAMES_FOUND;
    }
    loop = srv_loop_new();
    if (!loop) {
        out->error = errno;
        return SRV_NAMES_LATER;
    }
    outcome = search_run(loop, host, ipv4_only, out);
    srv_loop_free(loop);
    return outcome;
}

const char *
srv_addresses_none_text(const char *host, bool ipv4_only)
{
    struct postern_addr addr;

    if (ipv4_only && postern_addr_parse(host, strlen(host), &addr))
        return "-4 allows no IPv6 address:";
    return "no IP address for";
}
