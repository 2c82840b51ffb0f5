/* Warnings about a configuration that is legal and hardly meant. */
#define _DEFAULT_SOURCE /* S_ISVTX */
#include "server/startup.h"

#include <string.h>
#include <sys/stat.h>

#include "base/errno_text.h"
#include "server/messages.h"

static void
warn_writable(struct srv_server *server, const char *path)
{
    const struct srv_config *config = server->config;
    struct srv_line line = { .size = 0 };
    const char *whom = NULL;
    struct stat st;

    if (stat(path, &st) < 0)
        return;
    if (st.st_mode & S_IWOTH && !(S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX))
        whom = "everybody";
    else if (config->uid && st.st_uid == config->uid)
        whom = "the user of -u";
    if (!whom)
        return;
    srv_line_text(&line, path);
    srv_line_text(&line, " can be changed by ");
    srv_line_text(&line, whom);
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    srv_message_warning(&server->log, line.bytes, NULL);
}

/* Rules that whoever is served could rewrite, and look-ups that no rule asks for. */
static void
rules_warn(struct srv_server *server)
{
    const struct srv_config *config = server->config;
    struct postern_info info = POSTERN_INFO_INIT;
    char folder[4096] = ".";
    const char *slash;

    if (config->verbosity < SRV_ERRORS)
        return;
    if (config->uid && !config->gid)
        srv_message_warning(&server->log,
                            "-u without -g: the groups stay what they are", NULL);
    if (config->shadow_path && !config->rules_path)
        srv_message_warning(&server->log, "--shadow compares nothing without -x", NULL);
    if (!config->rules_path)
        return;
    slash = strrchr(config->rules_path, '/');
    if (slash && (size_t)(slash - config->rules_path) + 1 < sizeof(folder)) {
        memcpy(folder, config->rules_path, (size_t)(slash - config->rules_path) + 1);
        folder[slash - config->rules_path + 1] = '\0';
    }
    warn_writable(server, config->rules_path);
    warn_writable(server, folder);
    if (!server->rules.in_force ||
        postern_rules_info(server->rules.in_force, &info) != POSTERN_OK ||
        info.format != POSTERN_FORMAT_NATIVE)
        return;
    if (config->lookup_host == SRV_NAMES_ALWAYS && !(info.needs & POSTERN_NEEDS_HOST))
        srv_message_warning(&server->log, "no rule asks for a host: -H saves look-ups",
                            NULL);
    if (config->lookup_ident && !(info.needs & POSTERN_NEEDS_IDENT))
        srv_message_warning(&server->log,
                            "no rule asks for an ident: -R saves look-ups", NULL);
}

/* At most so many addresses of --proxy-from are looked up at the start. */
enum { PROXIES_TRIED = 4096 };

/* The first variable that the rules set for an address; false without one. */
static bool
variable_find(const struct postern_rules *rules, const struct postern_addr *addr,
              char *name, size_t size)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_env env;
    char text[POSTERN_ADDR_TEXT_SIZE];

    query.remote = *addr;
    query.remote_text = (struct postern_str){ text, postern_addr_spell(addr, text) };
    if (postern_rules_decide(rules, &query, &decision) != POSTERN_OK ||
        decision.verdict != POSTERN_ALLOW)
        return false;
    while (postern_env_next(&decision.env, &env)) {
        if (!env.value.ptr)
            continue;
        if (env.name.len < size)
            size = env.name.len + 1;
        memcpy(name, env.name.ptr, size - 1);
        name[size - 1] = '\0';
        return true;
    }
    return false;
}

/* False when the rules give nothing to this address. */
static bool
balancer_warn(struct srv_server *server, const struct postern_addr *addr)
{
    struct srv_line line = { .size = 0 };
    char text[POSTERN_ADDR_TEXT_SIZE], name[64];

    if (!variable_find(server->rules.in_force, addr, name, sizeof(name)))
        return false;
    (void)postern_addr_spell(addr, text); /* the length is of no use here */
    srv_line_text(&line, "a balancer's own connections from ");
    srv_line_text(&line, text);
    srv_line_text(&line, " get ");
    srv_line_field(&line, name);
    line.bytes[line.size] = '\0'; /* a line keeps room for its newline */
    srv_message_warning(&server->log, line.bytes, NULL);
    return true;
}

/* Whom the PROXY header is believed, and what the rules give to a balancer itself. */
static void
proxies_warn(struct srv_server *server)
{
    const struct srv_address_list *proxies = &server->config->proxies;
    size_t left = server->rules.in_force ? PROXIES_TRIED : 0;

    if (server->config->verbosity < SRV_ERRORS)
        return;
    if (srv_address_list_is_all(proxies, 4) || srv_address_list_is_all(proxies, 6))
        srv_message_warning(&server->log,
                            "--proxy-from lets everybody say who they are", NULL);
    for (size_t i = 0; i < proxies->count && left; i++) {
        struct postern_addr addr = proxies->ranges[i].first;

        do {
            if (balancer_warn(server, &addr))
                return;
        } while (--left && !srv_addr_equal(&addr, &proxies->ranges[i].last) &&
                 srv_address_next(&addr, &addr));
    }
}

/* Where a name of several addresses is listened on, and where it is not. */
static void
listeners_log(struct srv_server *server)
{
    for (size_t i = 0; i < server->listeners.note_count; i++) {
        const struct srv_listen_result *note = &server->listeners.notes[i];
        int wanted = note->error ? SRV_ERRORS : SRV_VERBOSE;

        if (server->config->verbosity >= wanted)
            srv_message_listen(&server->log, &note->end,
                               note->error ? pn_errno_text(note->error) : NULL);
    }
}

void
srv_startup_log(struct srv_server *server)
{
    rules_warn(server);
    proxies_warn(server);
    listeners_log(server);
}
