/* A peer and its texts in one piece of memory. */
#include "server/peer.h"

#include <stdlib.h>
#include <string.h>

struct srv_peer
srv_peer_of(const struct srv_client *client)
{
    return (struct srv_peer){ .addr = client->remote.addr,
                              .remote_text = client->remote_text,
                              .host = client->host,
                              .ident = client->ident };
}

static size_t
size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/* Copies a text to *at, which moves on; NULL stays NULL. */
static const char *
put(char **at, const char *text)
{
    char *start = *at;
    size_t size = size_of(text);

    if (!text)
        return NULL;
    memcpy(start, text, size);
    *at += size;
    return start;
}

struct srv_peer *
srv_peer_copy(const struct srv_peer *peer)
{
    size_t texts =
        size_of(peer->remote_text) + size_of(peer->host) + size_of(peer->ident);
    struct srv_peer *copy = malloc(sizeof(*copy) + texts);
    char *at;

    if (!copy)
        return NULL;
    at = (char *)(copy + 1);
    *copy = *peer;
    copy->remote_text = put(&at, peer->remote_text);
    copy->host = put(&at, peer->host);
    copy->ident = put(&at, peer->ident);
    return copy;
}

static struct postern_str
text_or_none(const char *text)
{
    return (struct postern_str){ text, text ? strlen(text) : 0 };
}

struct postern_query
srv_peer_query(const struct srv_peer *peer, char *scratch)
{
    struct postern_query query = POSTERN_QUERY_INIT;

    query.remote = peer->addr;
    query.remote_text = text_or_none(peer->remote_text);
    query.host = text_or_none(peer->host);
    query.ident = text_or_none(peer->ident);
    query.scratch = scratch;
    query.scratch_size = SRV_CLIENT_TEXT_MOST;
    return query;
}
