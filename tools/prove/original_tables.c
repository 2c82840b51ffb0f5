/* Programs that answer without a connection: postmap, and the library of tcp wrappers.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "tools/prove/folder.h"
#include "tools/prove/run.h"

/* A line "KEY<TAB>ACTION" for each that is found, in the order of the questions. */
static bool
actions_read(struct pn_asking *asking, struct pn_str said)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    size_t at = 0;

    for (size_t i = 0; i < asking->count; i++)
        asking->answers[i].kind = PN_ASKED_ALLOWS;
    while (said.len) {
        struct pn_str line = pn_str_cut(&said, '\n'), action = line;
        struct pn_str key = pn_str_cut(&action, '\t');

        if (pn_str_begins(line, "postmap: warning: "))
            continue;

        for (; at < asking->count; at++) {
            size_t size = postern_addr_print(&asking->clients[at].addr, text);

            if (pn_str_equal(key, (struct pn_str){ text, size }))
                break;
        }
        if (at == asking->count)
            return pn_run_fails(asking, "it says", line);
        if (pn_str_is(action, "REJECT"))
            asking->answers[at].kind = PN_ASKED_DENIES;
    }
    return true;
}

bool
pn_original_ask_postfix(struct pn_asking *asking)
{
    char table[PN_PROVE_PATH + 72], file[PN_PROVE_PATH + 64];
    const char *const words[] = { asking->program, "-c", asking->folder, "-q", "-",
                                  table,           NULL };
    struct pn_run run = { .words = words };
    struct pn_buffer keys = { 0 }, said = { 0 };
    char text[POSTERN_ADDR_TEXT_SIZE];
    int status = -1;
    bool asked = false;

    pn_prove_path(asking->folder, "table", file);
    (void)snprintf(table, sizeof(table), "cidr:%s", file);
    for (size_t i = 0; i < asking->count; i++) {
        (void)postern_addr_print(&asking->clients[i].addr, text);
        pn_buffer_add_format(&keys, "%s\n", text);
    }
    run.input = pn_str_of(&keys);
    if (!keys.failed && pn_run_write(asking, "table", asking->native) &&
        pn_run_write(asking, "main.cf", PN_STR("")))
        status = pn_run(asking, &run, &said);
    /* 1: the last of them is in no row */
    if (status == 0 || status == 1)
        asked = actions_read(asking, pn_str_of(&said));
    pn_buffer_free(&keys);
    pn_buffer_free(&said);
    return asked;
}

typedef int (*hosts_ctl_fn)(char *daemon, char *name, char *address, char *user);

/* hosts_access(3): names are what they are said to be, and none is looked up. */
static void
wrappers_ask(struct pn_asking *asking, hosts_ctl_fn ask)
{
    char daemon[256], name[256], address[POSTERN_ADDR_TEXT_SIZE], user[] = "unknown";

    (void)snprintf(daemon, sizeof(daemon), "%s",
                   asking->daemon ? asking->daemon : "postern-of-no-list");
    for (size_t i = 0; i < asking->count; i++) {
        struct pn_str host = asking->clients[i].host;

        if (!host.len)
            host = PN_STR("unknown");
        (void)snprintf(name, sizeof(name), "%.*s", (int)host.len, host.ptr);
        (void)postern_addr_print(&asking->clients[i].addr, address);
        asking->answers[i].kind =
            ask(daemon, name, address, user) ? PN_ASKED_ALLOWS : PN_ASKED_DENIES;
    }
}

bool
pn_original_ask_hosts_allow(struct pn_asking *asking)
{
    char allow[PN_PROVE_PATH + 64], deny[PN_PROVE_PATH + 64];
    void *library = dlopen(asking->program, RTLD_NOW | RTLD_LOCAL);
    char **tables[2] = { NULL, NULL };
    hosts_ctl_fn ask = NULL;
    void *symbol;

    if (library) {
        symbol = dlsym(library, "hosts_ctl");
        memcpy(&ask, &symbol, sizeof(ask)); /* POSIX has it so: dlsym(3) */
        tables[0] = dlsym(library, "hosts_allow_table");
        tables[1] = dlsym(library, "hosts_deny_table");
    }
    if (!ask || !tables[0] || !tables[1])
        return pn_run_fails(asking, asking->program, PN_STR("it cannot be loaded"));
    pn_prove_path(asking->folder, "allow", allow);
    pn_prove_path(asking->folder, "deny", deny);
    if (!pn_run_write(asking, "allow", asking->native) ||
        !pn_run_write(asking, "deny", PN_STR("")))
        return false;
    *tables[0] = allow;
    *tables[1] = deny;
    wrappers_ask(asking, ask);
    (void)dlclose(library);
    return true;
}
