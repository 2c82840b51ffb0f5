/* Building environments without copying what was inherited. */
#include "server/environ.h"

#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "server/proxy_header.h"

/* What is set, or unset, for each connection. */
static const char *const own_names[] = {
    "PROTO",          "TCPLOCALIP",    "TCP6LOCALIP",    "TCPLOCALPORT",
    "TCP6LOCALPORT",  "TCPLOCALHOST",  "TCP6LOCALHOST",  "TCPREMOTEIP",
    "TCP6REMOTEIP",   "TCPREMOTEPORT", "TCP6REMOTEPORT", "TCPREMOTEHOST",
    "TCP6REMOTEHOST", "TCPREMOTEINFO", "TCP6REMOTEINFO", "TCP6INTERFACE",
};

/* And for each source of datagrams. */
static const char *const udp_names[] = {
    "UDPLOCALIP",  "UDPLOCALPORT",  "UDPLOCALHOST",
    "UDPREMOTEIP", "UDPREMOTEPORT", "UDPREMOTEHOST",
};

/* How items begin that a supervisor says to the server, and to none of its programs. */
static const char *const supervisor_beginnings[] = { "NOTIFY_SOCKET=", "WATCHDOG_",
                                                     "LISTEN_" };

static bool
has_name(const char *item, const char *name, size_t len)
{
    return strncmp(item, name, len) == 0 && item[len] == '=';
}

static bool
is_among(const char *item, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_name(item, names[i], strlen(names[i])))
            return true;
    return false;
}

/* Is it of a connection, whoever said it? */
static bool
is_of_connection(const char *item, enum srv_environ_use use)
{
    return is_among(item, own_names, PN_COUNT_OF(own_names)) ||
           (use == SRV_ENVIRON_DATAGRAMS &&
            is_among(item, udp_names, PN_COUNT_OF(udp_names))) ||
           (use == SRV_ENVIRON_PROXIED &&
            is_among(item, srv_proxy_names, SRV_PROXY_TEXTS));
}

static bool
is_of_supervisor(const char *item)
{
    for (size_t i = 0; i < PN_COUNT_OF(supervisor_beginnings); i++)
        if (strncmp(item, supervisor_beginnings[i], strlen(supervisor_beginnings[i])) ==
            0)
            return true;
    return false;
}

/* Room for one more item and the end. */
static bool
reserve(struct srv_environ *env)
{
    size_t capacity = env->capacity;
    char **items;

    if (env->count + 1 < capacity)
        return true;
    capacity = capacity ? capacity * 2 : 64;
    items = realloc(env->items, capacity * sizeof(*items));
    if (!items) {
        env->failed = true;
        return false;
    }
    env->items = items;
    env->capacity = capacity;
    return true;
}

static void
add(struct srv_environ *env, char *item)
{
    if (reserve(env))
        env->items[env->count++] = item;
}

bool
srv_environ_init(struct srv_environ *env, char *const *from, enum srv_environ_use use)
{
    size_t size;

    *env = (struct srv_environ){ .use = use };
    for (; *from; from++)
        if (!is_of_connection(*from, use) &&
            (use == SRV_ENVIRON_CLASSIC || !is_of_supervisor(*from)))
            add(env, *from);
    env->inherited_count = env->count;
    size = (env->count + 1) * sizeof(*env->items);
    env->inherited = malloc(size);
    if (!env->inherited || !reserve(env) || env->failed)
        return false;
    env->items[env->count] = NULL;
    memcpy(env->inherited, env->items, size);
    /* enough for most connections */
    return pn_buffer_reserve(&env->text, 4096);
}

void
srv_environ_clear(struct srv_environ *env)
{
    free(env->inherited);
    free(env->items);
    pn_buffer_free(&env->text);
}

/* Starts from the inherited items; nothing of the last connection remains. */
static void
begin(struct srv_environ *env)
{
    env->count = env->inherited_count; /* there is room: init has reserved it */
    memcpy(env->items, env->inherited, env->count * sizeof(*env->items));
    env->text.size = 0;
    env->text.failed = false;
    env->failed = false;
}

/* The text may still move: items_resolve() finds the items in it. */
static void
item_set(struct srv_environ *env, const char *name, const char *value)
{
    if (!value)
        return;
    pn_buffer_add_text(&env->text, name);
    pn_buffer_add(&env->text, "=", 1);
    pn_buffer_add(&env->text, value, strlen(value) + 1);
    add(env, NULL);
}

/* The items of the connection stand in the text, one after the other. */
static void
items_resolve(struct srv_environ *env)
{
    char *at = env->text.bytes;

    for (size_t i = env->inherited_count; i < env->count; i++) {
        env->items[i] = at;
        at += strlen(at) + 1;
    }
}

/* A variable of both families; the TCP6 ones are the server's addition. */
struct names {
    const char *plain, *six, *udp;
};

#define NAMES(name) ((struct names){ "TCP" name, "TCP6" name, "UDP" name })

static void
item_set_both(struct srv_environ *env, struct names names, const char *value,
              const char *value6)
{
    item_set(env, names.plain, value);
    if (env->use == SRV_ENVIRON_DATAGRAMS)
        item_set(env, names.udp, value);
    else if (env->use != SRV_ENVIRON_CLASSIC)
        item_set(env, names.six, value6);
}

static void
set_ip(struct srv_environ *env, struct names names, const struct srv_endpoint *end,
       const char *text)
{
    char mapped[POSTERN_ADDR_TEXT_SIZE];

    (void)srv_addr_print_mapped(&end->addr, mapped); /* the length is of no use here */
    item_set_both(env, names, text, mapped);
}

static void
set_port(struct srv_environ *env, struct names names, const struct srv_endpoint *end)
{
    char text[8];
    size_t at = sizeof(text) - 1;
    unsigned left = end->port;

    text[at] = '\0';
    do {
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    item_set_both(env, names, text + at, text + at);
}

static void
set_client(struct srv_environ *env, const struct srv_client *client,
           const char *interface)
{
    item_set(env, "PROTO",
             env->use == SRV_ENVIRON_DATAGRAMS ? "UDP"
             : client->ipv6_style              ? "TCP6"
                                               : "TCP");
    set_ip(env, NAMES("LOCALIP"), &client->local, client->local_text);
    set_port(env, NAMES("LOCALPORT"), &client->local);
    item_set_both(env, NAMES("LOCALHOST"), client->local_host, client->local_host);
    set_ip(env, NAMES("REMOTEIP"), &client->remote, client->remote_text);
    set_port(env, NAMES("REMOTEPORT"), &client->remote);
    item_set_both(env, NAMES("REMOTEHOST"), client->host, client->host);
    item_set_both(env, NAMES("REMOTEINFO"), client->ident, client->ident);
    item_set(env, "TCP6INTERFACE", interface);
    for (size_t i = 0; client->header && i < SRV_PROXY_TEXTS; i++)
        item_set(env, srv_proxy_names[i], client->header->texts[i]);
}

/* A later assignment takes the place of every earlier item of its name. */
static void
item_replace(struct srv_environ *env, const struct postern_env *assignment)
{
    size_t kept = 0;

    for (size_t i = 0; i < env->count; i++)
        if (!has_name(env->items[i], assignment->name.ptr, assignment->name.len))
            env->items[kept++] = env->items[i];
    env->count = kept;
    add(env, (char *)assignment->assignment);
}

char *const *
srv_environ_build(struct srv_environ *env, const struct srv_client *client,
                  const char *interface, struct postern_env_iter assignments)
{
    struct postern_env assignment;

    begin(env);
    set_client(env, client, interface);
    if (env->failed || env->text.failed)
        return NULL;
    items_resolve(env);
    while (!env->failed && postern_env_next(&assignments, &assignment))
        if (assignment.value.ptr)
            item_replace(env, &assignment);
    if (env->failed)
        return NULL;
    env->items[env->count] = NULL;
    return env->items;
}
