/* tcprulescheck of ucspi-tcp, and tcpsvd: what they read is made of records or lines.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/files.h"
#include "compiler/records_file.h"
#include "tools/prove/connect.h"
#include "tools/prove/folder.h"
#include "tools/prove/name_server.h"
#include "tools/prove/run.h"

enum { NAME_MOST = 255, VARIABLE_SIZE = 320 };

/* The next of "+SIZE,SIZE:KEY->VALUE"; false at the end. */
static bool
record_next(void *payload, struct pn_str *key, struct pn_str *value)
{
    struct pn_str *rest = payload;
    size_t sizes[2] = { 0, 0 }, at = 1;

    if (!rest->len)
        return false;
    for (size_t i = 0; i < 2; i++, at++)
        for (; pn_is_digit(rest->ptr[at]); at++)
            sizes[i] = 10 * sizes[i] + (size_t)(rest->ptr[at] - '0');
    *key = (struct pn_str){ rest->ptr + at, sizes[0] };
    *value = (struct pn_str){ key->ptr + key->len + 2, sizes[1] };
    *rest = pn_str_from(*rest, at + sizes[0] + 2 + sizes[1] + 1);
    return true;
}

static bool
database_write(struct pn_asking *asking, const char *path)
{
    struct pn_str rest = asking->native;
    int fd = pn_files_open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = fd >= 0 && pn_records_write(fd, record_next, &rest);

    if (fd >= 0)
        done = close(fd) == 0 && done;
    return done || pn_run_fails(asking, path, PN_STR("it cannot be written"));
}

/* "rule KEY:" or "default:", what is set, and the verdict. */
static bool
verdict_read(struct pn_asking *asking, struct pn_asked_answer *answer,
             struct pn_str said)
{
    static const char front[] = "set environment variable ";
    struct pn_buffer sets = { 0 };
    struct pn_str line = pn_str_cut(&said, '\n');
    bool read = pn_str_begins(line, "rule ") || pn_str_is(line, "default:");

    for (line = pn_str_cut(&said, '\n'); pn_str_begins(line, front);
         line = pn_str_cut(&said, '\n')) {
        pn_buffer_add_str(&sets, pn_str_from(line, sizeof(front) - 1));
        pn_buffer_add_text(&sets, "\n");
    }
    answer->text = pn_run_keep(asking, pn_str_of(&sets));
    answer->kind =
        pn_str_is(line, "deny connection") ? PN_ASKED_DENIES : PN_ASKED_ALLOWS;
    read = read && !sets.failed &&
           (answer->kind == PN_ASKED_DENIES || pn_str_is(line, "allow connection"));
    pn_buffer_free(&sets);
    return read;
}

static bool
client_ask(struct pn_asking *asking, size_t index, const char *database)
{
    const char *const words[] = { asking->program, database, NULL };
    char address[VARIABLE_SIZE] = "TCPREMOTEIP=", host[VARIABLE_SIZE];
    const char *const environment[] = { address, host, "TCPREMOTEINFO=", NULL };
    const char *const nameless[] = { address, "TCPREMOTEINFO=", NULL };
    const struct pn_prove_client *client = &asking->clients[index];
    const struct pn_run run = { .words = words,
                                .environment =
                                    client->host.len ? environment : nameless };
    struct pn_buffer said = { 0 };
    int status;
    bool asked;

    (void)postern_addr_print(&client->addr, address + strlen(address));
    (void)snprintf(host, sizeof(host), "TCPREMOTEHOST=%.*s", (int)client->host.len,
                   client->host.len ? client->host.ptr : "");
    status = pn_run(asking, &run, &said);
    asked =
        status == 0 && verdict_read(asking, &asking->answers[index], pn_str_of(&said));
    if (!asked && status >= 0)
        (void)pn_run_fails(asking, asking->program, pn_str_of(&said));
    pn_buffer_free(&said);
    return asked;
}

static bool
clients_ask(struct pn_asking *asking, const char *database)
{
    for (size_t i = 0; i < asking->count; i++)
        if (!client_ask(asking, i, database))
            return false;
    return true;
}

bool
pn_original_ask_tcprules_cdb(struct pn_asking *asking)
{
    char database[PN_PROVE_PATH + 64];

    pn_prove_path(asking->folder, "rules.cdb", database);
    return database_write(asking, database) && clients_ask(asking, database);
}

/* tcprules, of the same folder, makes the database. */
bool
pn_original_ask_tcprules(struct pn_asking *asking)
{
    char database[PN_PROVE_PATH + 64], temporary[PN_PROVE_PATH + 64];
    char compiler[PN_PROVE_PATH];
    const char *const words[] = { compiler, database, temporary, NULL };
    const struct pn_run run = { .words = words, .input = asking->native };
    struct pn_buffer said = { 0 };
    size_t size = strlen(asking->program);
    int status;

    while (size && asking->program[size - 1] != '/')
        size--;
    (void)snprintf(compiler, sizeof(compiler), "%.*stcprules", (int)size,
                   asking->program);
    pn_prove_path(asking->folder, "rules.cdb", database);
    pn_prove_path(asking->folder, "rules.tmp", temporary);
    status = pn_run(asking, &run, &said);
    if (status > 0)
        (void)pn_run_fails(asking, compiler, pn_str_of(&said));
    pn_buffer_free(&said);
    return status == 0 && clients_ask(asking, database);
}

/* A file for each; a name that no file can have no client has. */
static bool
instructions_write(struct pn_asking *asking)
{
    struct pn_str rest = asking->native, key, value;
    bool done = pn_prove_subfolder(asking->folder, "rules");

    while (done && record_next(&rest, &key, &value)) {
        char name[NAME_MOST + 16];

        if (!key.len || key.len > 200 || pn_str_has(key, '/') || *key.ptr == '.' ||
            pn_str_has(key, '\0'))
            continue;
        (void)snprintf(name, sizeof(name), "rules/%.*s", (int)key.len, key.ptr);
        /* without rights for its owner it denies */
        done = pn_prove_write(asking->folder, name, PN_STR(""),
                              pn_str_is(value, "D") ? 0 : 0400);
    }
    return done || pn_run_fails(asking, asking->folder, PN_STR("it cannot be written"));
}

bool
pn_original_ask_ipsvd(struct pn_asking *asking)
{
    char rules[PN_PROVE_PATH + 64];
    const char *const words[] = { asking->program, "-h",   "-l",
                                  "localhost",     "-i",   rules,
                                  "127.0.0.1",     "7000", "/bin/echo",
                                  "yes",           NULL };
    struct pn_name_server names;
    bool asked;

    pn_prove_path(asking->folder, "rules", rules);
    asked = pn_name_server_begin(&names, asking);
    asking->names = &names;
    asked = asked && instructions_write(asking) &&
            pn_connect_server(asking, words, "", pn_connect_greeting);
    pn_name_server_end(&names);
    asking->names = NULL;
    return asked;
}
