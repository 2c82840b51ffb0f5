/* One of each family. */
#include "tools/prove/endpoint.h"

#include <netinet/in.h>
#include <string.h>

socklen_t
pn_prove_endpoint(const struct postern_addr *addr, unsigned port,
                  struct sockaddr_storage *out)
{
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

    memset(out, 0, sizeof(*out));
    if (addr->family == 4) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        memcpy(&four->sin_addr, addr->bytes, sizeof(four->sin_addr));
        return sizeof(*four);
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    memcpy(&six->sin6_addr, addr->bytes, sizeof(six->sin6_addr));
    return sizeof(*six);
}
