/* The same program with the same words, on the same address, under the same user. */
#include "tools/adopt_service.h"

#include "tools/adopt_script.h"
#include "tools/lint_server_words.h"

const char *
pn_adopt_base(struct pn_adopt *adopt, struct pn_str path)
{
    return pn_word_base(pn_adopt_copy(adopt, path));
}

/* A word of the script with a blank in front; an option is none. */
static bool
word_add(struct pn_buffer *out, struct pn_str word, bool may_be_option)
{
    if (!may_be_option && word.len && *word.ptr == '-')
        return false;
    pn_buffer_add_text(out, " ");
    return pn_script_word_add(out, word);
}

static bool
program_add(struct pn_adopt *adopt, const struct pn_adopt_service *service,
            struct pn_buffer *out)
{
    bool renamed = service->argument_count &&
                   !pn_str_equal(service->arguments[0], service->program);
    bool good;

    pn_buffer_add_text(out, " \\\n   ");
    if (renamed)
        pn_buffer_add_format(out, " %s/argv0", adopt->programs);
    good = word_add(out, service->program, false);
    for (size_t i = renamed ? 0 : 1; i < service->argument_count && good; i++)
        good = word_add(out, service->arguments[i], true);
    pn_buffer_add_text(out, "\n");
    return good;
}

/* Who it runs as: root needs nothing, and nobody else has no name. */
static bool
user_add(struct pn_adopt *adopt, const struct pn_adopt_service *service,
         struct pn_buffer *out)
{
    if (!service->user.len || pn_str_is(service->user, "root"))
        return true;
    pn_buffer_add_format(out, "%s/envuidgid", adopt->programs);
    if (!word_add(out, service->user, false))
        return false;
    pn_buffer_add_text(out, " ");
    return true;
}

/* Our server and its options. */
static void
server_add(struct pn_adopt *adopt, const struct pn_adopt_service *service,
           struct pn_adopt_item *item, bool drops)
{
    struct pn_buffer *out = &item->run;

    pn_buffer_add_format(
        out, "%s/%s -v%s%s%s%s%sl0", adopt->programs, item->server, drops ? "U" : "",
        service->no_delay && !service->is_udp ? "D" : "", service->only_v4 ? "4" : "",
        service->needs_idents || service->is_udp ? "" : "R",
        service->needs_names ? "p" : "H");
    if (service->is_udp)
        pn_buffer_add_text(out, service->waits ? " -w" : " --per-source");
    if (service->limit)
        pn_buffer_add_format(out, " -c %zu", service->limit);
    if (service->has_rules)
        pn_buffer_add_text(out, " -x rules.cdb");
}

bool
pn_adopt_service_run(struct pn_adopt *adopt, const struct pn_adopt_service *service,
                     struct pn_adopt_item *item)
{
    struct pn_buffer *out = &item->run;
    bool drops = service->user.len && !pn_str_is(service->user, "root");
    bool any = !service->host.len || pn_str_is(service->host, "*");
    bool good;

    item->server = service->is_udp ? "udpserver" : "tcpserver";
    if (service->is_udp && !service->waits)
        pn_adopt_note(adopt, item->file, item->line,
                      "its program gets the datagrams of one source each, and not the "
                      "socket of the port: with -w it gets that, one at a time");
    pn_buffer_add_format(out, "#!/bin/sh\n# %s:%zu\nexec 2>&1\nexec ", item->file,
                         item->line);
    pn_buffer_add_str(out, pn_str_of(&service->around));
    good = user_add(adopt, service, out);
    server_add(adopt, service, item, drops);
    good = good && word_add(out, any ? PN_STR("0") : service->host, false) &&
           word_add(out, service->port, false) && program_add(adopt, service, out);
    adopt->failed |= out->failed;
    item->script_name = "run";
    if (!good) {
        out->size = 0;
        item->script_name = NULL;
        pn_adopt_error(adopt, item->file, item->line,
                       "a word of it cannot stand in a script");
    }
    return good;
}
