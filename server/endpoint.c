/* Addresses of sockets. */
#include "server/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool
srv_endpoint_from(const struct sockaddr_storage *from, struct srv_endpoint *out)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    memset(out, 0, sizeof(*out));
    if (from->ss_family == AF_INET) {
        memcpy(&v4, from, sizeof(v4));
        out->addr.family = 4;
        memcpy(out->addr.bytes, &v4.sin_addr, 4);
        out->port = ntohs(v4.sin_port);
        return true;
    }
    if (from->ss_family != AF_INET6)
        return false;
    memcpy(&v6, from, sizeof(v6));
    out->port = ntohs(v6.sin6_port);
    if (memcmp(&v6.sin6_addr, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        out->addr.family = 4;
        memcpy(out->addr.bytes, v6.sin6_addr.s6_addr + sizeof(mapped_prefix), 4);
    } else {
        out->addr.family = 6;
        memcpy(out->addr.bytes, &v6.sin6_addr, 16);
        out->scope = v6.sin6_scope_id;
    }
    return true;
}

int
srv_endpoint_family(const struct srv_endpoint *end)
{
    return end->addr.family == 4 ? AF_INET : AF_INET6;
}

socklen_t
srv_endpoint_to(const struct srv_endpoint *end, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof(*out));
    if (end->addr.family == 4) {
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(end->port) };

        memcpy(&v4.sin_addr, end->addr.bytes, 4);
        memcpy(out, &v4, sizeof(v4));
        return sizeof(v4);
    }
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons(end->port),
                               .sin6_scope_id = end->scope };

    memcpy(&v6.sin6_addr, end->addr.bytes, 16);
    memcpy(out, &v6, sizeof(v6));
    return sizeof(v6);
}

bool
srv_addr_equal(const struct postern_addr *a, const struct postern_addr *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

size_t
srv_addr_print_mapped(const struct postern_addr *addr, char *text)
{
    static const char prefix[] = "::ffff:";
    size_t before = addr->family == 4 ? sizeof(prefix) - 1 : 0;

    memcpy(text, prefix, before);
    return before + postern_addr_spell(addr, text + before);
}
