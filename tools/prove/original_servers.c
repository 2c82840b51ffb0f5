/* Servers that say to a client whether it may come: each with a configuration of a few
 * lines, around the rules that were read. */
#include <stdio.h>
#include <string.h>

#include "tools/prove/connect.h"
#include "tools/prove/folder.h"
#include "tools/prove/name_server.h"
#include "tools/prove/run.h"

static const char http_question[] = "GET / HTTP/1.0\r\n\r\n";
static const char nothing[] = "postern-has-none";

/* The body of an answer of HTTP; ptr NULL when it is none. */
static struct pn_str
body_of(struct pn_str said)
{
    for (size_t i = 0; i + 4 <= said.len; i++)
        if (memcmp(said.ptr + i, "\r\n\r\n", 4) == 0)
            return pn_str_from(said, i + 4);
    return (struct pn_str){ 0 };
}

static bool
is_refused(struct pn_str said)
{
    return said.len > 12 && pn_str_is(pn_str_to(pn_str_from(said, 9), 3), "403");
}

/* 200 for who may come, 403 for others. */
static void
status_read(struct pn_asking *asking, struct pn_asked_answer *answer,
            struct pn_str said)
{
    (void)asking;
    if (is_refused(said))
        answer->kind = PN_ASKED_DENIES;
    else if (body_of(said).ptr)
        answer->kind = PN_ASKED_ALLOWS;
}

/* The body is what the table has. */
static void
value_read(struct pn_asking *asking, struct pn_asked_answer *answer, struct pn_str said)
{
    struct pn_str body = body_of(said);

    if (!body.ptr)
        return;
    answer->kind = pn_str_is(body, nothing) ? PN_ASKED_NONE : PN_ASKED_VALUE;
    answer->text = pn_run_keep(asking, body);
}

static bool
config_write(struct pn_asking *asking, const struct pn_buffer *text)
{
    return !text->failed && pn_run_write(asking, "config", pn_str_of(text));
}

bool
pn_original_ask_nginx(struct pn_asking *asking)
{
    const bool is_geo = pn_str_begins(asking->native, "geo ");
    const char *folder = asking->folder;
    char config[PN_PROVE_PATH + 64], log[PN_PROVE_PATH + 64];
    const char *const words[] = { asking->program, "-p", folder, "-c",
                                  config,          "-e", log,    NULL };
    struct pn_buffer text = { 0 };
    bool asked;

    pn_prove_path(folder, "config", config);
    pn_prove_path(folder, "errors", log);
    pn_buffer_add_format(&text,
                         "daemon off; master_process off; pid %s/pid;\n"
                         "error_log %s/errors; events { }\n"
                         "http { access_log off; default_type text/plain;\n",
                         folder, folder);
    for (const char *const *name =
             (const char *const[]){ "client_body", "proxy", "fastcgi", "uwsgi", "scgi",
                                    NULL };
         *name; name++)
        pn_buffer_add_format(&text, "%s_temp_path %s/%s;\n", *name, folder, *name);
    if (is_geo)
        pn_buffer_add_str(&text, asking->native);
    pn_buffer_add_format(&text,
                         "server { listen 127.0.0.1:%d; listen [::1]:%d;\n"
                         "location / {\n",
                         PN_PROVE_PORT, PN_PROVE_PORT);
    if (is_geo)
        pn_buffer_add_text(&text, "return 200 $postern;\n");
    else {
        pn_buffer_add_str(&text, asking->native);
        pn_buffer_add_text(&text, "empty_gif;\n");
    }
    pn_buffer_add_text(&text, "} } }\n");
    asked = config_write(asking, &text) &&
            pn_connect_server(asking, words, http_question,
                              is_geo ? value_read : status_read);
    pn_buffer_free(&text);
    return asked;
}

/* Has a line of a file of patterns a value? */
static bool
is_map(struct pn_str native)
{
    struct pn_str line = pn_str_cut(&native, '\n');

    return pn_str_has(line, ' ');
}

bool
pn_original_ask_haproxy(struct pn_asking *asking)
{
    const bool has_values = is_map(asking->native);
    char config[PN_PROVE_PATH + 64];
    const char *const words[] = { asking->program, "-f", config, "-db", "-q", NULL };
    struct pn_buffer text = { 0 };
    bool asked;

    pn_prove_path(asking->folder, "config", config);
    pn_buffer_add_format(&text,
                         "defaults\n mode http\n timeout client 10s\n"
                         " timeout connect 10s\n timeout server 10s\n"
                         "frontend postern\n bind 127.0.0.1:%d\n bind [::1]:%d\n",
                         PN_PROVE_PORT, PN_PROVE_PORT);
    if (has_values)
        pn_buffer_add_format(&text,
                             " http-request return status 200 content-type text/plain "
                             "lf-string %%[src,map_ip(%s/rules,%s)]\n",
                             asking->folder, nothing);
    else
        pn_buffer_add_format(&text,
                             " http-request return status 200 content-type text/plain "
                             "string listed if { src -f %s/rules }\n"
                             " http-request return status 200 content-type text/plain "
                             "string other\n",
                             asking->folder);
    asked = config_write(asking, &text) &&
            pn_run_write(asking, "rules", asking->native) &&
            pn_connect_server(asking, words, http_question, value_read);
    for (size_t i = 0; i < asking->count && !has_values && asked; i++)
        asking->answers[i].kind =
            pn_str_is(asking->answers[i].text, "listed") == asking->listed_allow
                ? PN_ASKED_ALLOWS
                : PN_ASKED_DENIES;
    pn_buffer_free(&text);
    return asked;
}

/* xinetd looks up names by the system's resolver, those of its rules too. */
static bool
xinetd_ask(struct pn_asking *asking, const char *const *words)
{
    struct pn_name_server names;
    bool asked = pn_name_server_begin(&names, asking);

    asking->names = &names;
    if (asked) {
        asking->no_names = !pn_name_server_is_asked(&names, asking);
        asked = pn_connect_server(asking, words, "", pn_connect_greeting);
    }
    pn_name_server_end(&names);
    asking->names = NULL;
    return asked;
}

bool
pn_original_ask_xinetd(struct pn_asking *asking)
{
    static const char *const hosts[] = { "127.0.0.1", "::1" };
    char config[PN_PROVE_PATH + 64], log[PN_PROVE_PATH + 64], pid[PN_PROVE_PATH + 64];
    const char *const words[] = {
        asking->program, "-dontfork", "-filelog", log, "-pidfile", pid, "-f",
        config,          NULL
    };
    const bool is_sensor = pn_str_begins(asking->native, "# SENSOR\n");
    struct pn_buffer text = { 0 };
    bool asked;

    pn_prove_path(asking->folder, "config", config);
    pn_prove_path(asking->folder, "log", log);
    pn_prove_path(asking->folder, "pid", pid);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        pn_buffer_add_format(&text,
                             "service daytime\n{\n id = postern%zu\n"
                             " type = INTERNAL UNLISTED\n"
                             " port = %d\n socket_type = stream\n protocol = tcp\n"
                             " wait = no\n flags = %s NOLIBWRAP%s\n bind = %s\n"
                             " instances = UNLIMITED\n cps = 0 0\n"
                             " per_source = UNLIMITED\n",
                             i, PN_PROVE_PORT, i ? "IPv6" : "IPv4",
                             is_sensor ? " SENSOR" : "", hosts[i]);
        pn_buffer_add_str(&text, asking->native);
        pn_buffer_add_text(&text, "}\n");
    }
    asked = config_write(asking, &text) && xinetd_ask(asking, words);
    pn_buffer_free(&text);
    return asked;
}
