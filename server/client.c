/* The two ends of a connection, and their texts. */
#include "server/client.h"

#include <string.h>

#include "server/proxy_header.h"

/* Under -6 everything is written as IPv6 is. */
static void
print(const struct postern_addr *addr, bool force_ipv6, char *text)
{
    if (force_ipv6)
        (void)srv_addr_print_mapped(addr, text); /* the length is of no use here */
    else
        (void)postern_addr_spell(addr, text); /* likewise */
}

static void
remote_set(struct srv_client *client, const struct srv_endpoint *remote,
           bool force_ipv6)
{
    client->remote = *remote;
    client->ipv6_style = force_ipv6 || remote->addr.family == 6;
    print(&remote->addr, force_ipv6, client->remote_text);
}

void
srv_client_init(struct srv_client *client, int fd, const struct srv_endpoint *remote,
                bool force_ipv6)
{
    memset(client, 0, sizeof(*client));
    client->fd = fd;
    remote_set(client, remote, force_ipv6);
}

void
srv_client_set_local(struct srv_client *client, const struct srv_endpoint *local,
                     bool force_ipv6)
{
    client->local = *local;
    print(&client->local.addr, force_ipv6, client->local_text);
}

void
srv_client_proxy(struct srv_client *client, const struct srv_proxy_header *header,
                 bool force_ipv6)
{
    remote_set(client, &header->remote, force_ipv6);
    srv_client_set_local(client, &header->local, force_ipv6);
    client->header = header;
}

bool
srv_client_find_local(struct srv_client *client, bool force_ipv6)
{
    struct sockaddr_storage local;
    socklen_t size = sizeof(local);

    if (getsockname(client->fd, (struct sockaddr *)&local, &size) < 0 ||
        !srv_endpoint_from(&local, &client->local))
        return false;
    print(&client->local.addr, force_ipv6, client->local_text);
    return true;
}
