/*
 * Reverse names, confirmed. Whoever answers for an address may call it anything, so a
 * name counts only when it leads back to the address.
 */
#include "names.h"

#include <event2/util.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 256 };

struct look_up {
    struct evdns_base *dns;
    struct evdns_request *request;
    struct event *deadline;
    struct postern_addr address;
    name_fn found;
    void *argument;
    char claim[NAME_SIZE];
};

static void
look_up_end(struct look_up *look_up, const char *name)
{
    look_up->found(name, look_up->argument);
    event_free(look_up->deadline);
    free(look_up);
}

/* A request that is cancelled ends by its callback, without an answer. */
static void
on_deadline(evutil_socket_t fd, short what, void *argument)
{
    struct look_up *look_up = argument;

    (void)fd;
    (void)what;
    evdns_cancel_request(look_up->dns, look_up->request);
}

/* The addresses of the name: is the client's among them? */
static void
on_addresses(int result, char type, int count, int ttl, void *addresses, void *argument)
{
    struct look_up *look_up = argument;
    bool is_four = look_up->address.family == 4;
    size_t width = is_four ? 4 : 16;
    bool is_confirmed = false;

    (void)ttl;
    if (result == DNS_ERR_NONE && type == (is_four ? DNS_IPv4_A : DNS_IPv6_AAAA))
        for (int i = 0; i < count; i++)
            if (memcmp((const char *)addresses + width * (size_t)i,
                       look_up->address.bytes, width) == 0)
                is_confirmed = true;
    look_up_end(look_up, is_confirmed ? look_up->claim : NULL);
}

/* Keeps a name as rules know it: in lower case, without a final dot. */
static bool
claim_take(struct look_up *look_up, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t len = strlen(name);

    if (len && name[len - 1] == '.')
        len--;
    if (len == 0 || len >= sizeof(look_up->claim))
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];

        look_up->claim[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        if (!strchr(letters, look_up->claim[i]))
            return false; /* no host is called that, and a log may be read by a terminal
                           */
    }
    look_up->claim[len] = '\0';
    return true;
}

/* What the client's address is said to be called. */
static void
on_name(int result, char type, int count, int ttl, void *names, void *argument)
{
    struct look_up *look_up = argument;

    (void)ttl;
    look_up->request = NULL;
    /* no search: "mail" is no name of ours, whatever /etc/resolv.conf would append */
    if (result == DNS_ERR_NONE && type == DNS_PTR && count > 0 &&
        claim_take(look_up, *(char **)names))
        look_up->request =
            look_up->address.family == 4
                ? evdns_base_resolve_ipv4(look_up->dns, look_up->claim,
                                          DNS_QUERY_NO_SEARCH, on_addresses, look_up)
                : evdns_base_resolve_ipv6(look_up->dns, look_up->claim,
                                          DNS_QUERY_NO_SEARCH, on_addresses, look_up);
    if (!look_up->request)
        look_up_end(look_up, NULL);
}

static struct evdns_request *
ask_name(struct look_up *look_up)
{
    struct in_addr four;
    struct in6_addr six;

    memcpy(&four, look_up->address.bytes, sizeof(four));
    memcpy(&six, look_up->address.bytes, sizeof(six));
    return look_up->address.family == 4
               ? evdns_base_resolve_reverse(look_up->dns, &four, DNS_QUERY_NO_SEARCH,
                                            on_name, look_up)
               : evdns_base_resolve_reverse_ipv6(look_up->dns, &six,
                                                 DNS_QUERY_NO_SEARCH, on_name, look_up);
}

bool
name_look_up(const struct name_resolver *resolver, const struct postern_addr *address,
             name_fn found, void *argument)
{
    struct look_up *look_up = calloc(1, sizeof(*look_up));

    if (!look_up)
        return false;
    *look_up = (struct look_up){
        .dns = resolver->dns, .address = *address, .found = found, .argument = argument
    };
    look_up->deadline = evtimer_new(resolver->base, on_deadline, look_up);
    if (look_up->deadline && event_add(look_up->deadline, &resolver->most) == 0)
        look_up->request = ask_name(look_up);
    if (look_up->request)
        return true;
    if (look_up->deadline)
        event_free(look_up->deadline);
    free(look_up);
    return false;
}
