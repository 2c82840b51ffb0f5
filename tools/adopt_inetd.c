/* The services of inetd.conf, and what tcpd asks for them. */
#include "interop/inetd_words.h"

#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_service.h"
#include "tools/adopt_tree.h"

/* The program that tcpd starts: beside others, where its name has no folder. */
static struct pn_str
wrapped_program(struct pn_adopt *adopt, struct pn_str name)
{
    static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/usr/libexec",
                                           "/sbin" };
    struct pn_adopt_identity id;

    if (pn_str_has(name, '/'))
        return name;
    for (size_t i = 0; i < PN_COUNT_OF(folders); i++) {
        const char *path =
            pn_adopt_text(adopt, "%s/%.*s", folders[i], (int)name.len, name.ptr);

        if (pn_adopt_look(adopt, path, &id))
            return pn_str_of_text(path);
    }
    return pn_str_of_text(
        pn_adopt_text(adopt, "%s/%.*s", folders[0], (int)name.len, name.ptr));
}

/* What has no equivalent, and is no reason to leave the service where it is. */
static void
notes_add(struct pn_adopt *adopt, const char *file,
          const struct pn_inetd_service *service, struct pn_str group)
{
    if (service->wait.len > 6)
        pn_adopt_note(adopt, file, service->line,
                      "\"%.*s\" is a rate of inetd: rate in a rule, or -c",
                      PN_IMPORT_QUOTED(service->wait));
    if (group.len)
        pn_adopt_note(adopt, file, service->line,
                      "it runs with the group of its user, and not with \"%.*s\"",
                      PN_IMPORT_QUOTED(group));
}

/* Is hosts.allow asked, and by whom? Sets the daemon and the reader. */
static void
wrapper_look(struct pn_adopt *adopt, const struct pn_inetd_service *service,
             struct pn_adopt_item *item)
{
    bool is_wrapped = pn_inetd_is_wrapped(service);
    struct pn_str name =
        service->argument_count ? service->arguments[0] : service->program;

    item->reader = is_wrapped ? pn_adopt_copy(adopt, service->program)
                              : pn_adopt_wrapped(adopt, "inetd");
    if (item->reader)
        item->daemon = pn_adopt_base(adopt, name);
}

static void
service_add(struct pn_adopt *adopt, const char *file, struct pn_inetd_service *service)
{
    struct pn_adopt_item item = { .kind = PN_ADOPT_INETD,
                                  .state = PN_ADOPT_STAYS,
                                  .file = file,
                                  .line = service->line };
    struct pn_adopt_service run = { .host = service->host, .port = service->port };
    const char *why = service->fault ? service->fault : pn_inetd_stays(service);
    struct pn_str group;

    item.what = pn_adopt_copy(adopt, service->port);
    item.port = item.what;
    wrapper_look(adopt, service, &item);
    if (why) {
        pn_adopt_note(adopt, file, service->line, "%s: it stays with inetd", why);
        (void)pn_adopt_add(adopt, item);
        return;
    }
    run.user = pn_inetd_user(service->user, &group);
    run.program = service->program;
    run.arguments = service->arguments;
    run.argument_count = service->argument_count;
    run.is_udp = pn_inetd_is_udp(service);
    run.waits = pn_str_begins(service->wait, "wait");
    run.only_v4 =
        pn_str_is(service->protocol, "tcp4") || pn_str_is(service->protocol, "udp4");
    if (pn_inetd_is_wrapped(service)) {
        run.program = wrapped_program(adopt, service->arguments[0]);
        service->arguments[0] =
            pn_str_of_text(pn_adopt_base(adopt, service->arguments[0]));
    }
    notes_add(adopt, file, service, group);
    if (item.daemon && !pn_adopt_hosts_policy(adopt, item.daemon, &item.policy)) {
        (void)pn_adopt_add(adopt, item); /* without its rules it is open to everybody */
        return;
    }
    run.has_rules = item.policy.size;
    if (run.has_rules) {
        struct pn_adopt_asked asked = pn_adopt_ask(adopt, &item.policy);

        run.needs_names = asked.needs_names;
        run.needs_idents = asked.needs_idents;
    }
    item.name = pn_adopt_name(adopt, item.what);
    if (pn_adopt_service_run(adopt, &run, &item))
        item.state = PN_ADOPT_GOES;
    (void)pn_adopt_add(adopt, item);
}

static void
file_find(struct pn_adopt *adopt, const char *path)
{
    struct pn_source source;
    struct pn_inetd_reader reader;
    struct pn_inetd_service service;

    if (!pn_adopt_read(adopt, path, PN_ADOPT_TEXT_MOST, &source))
        return;
    reader = pn_inetd_begin(&source);
    while (!adopt->failed && pn_inetd_next(&reader, &service))
        service_add(adopt, path, &service);
    pn_source_clear(&source);
}

void
pn_adopt_inetd_find(struct pn_adopt *adopt)
{
    static const char folder[] = "/etc/inetd.d"; /* of GNU inetutils */
    struct pn_adopt_names names;

    file_find(adopt, "/etc/inetd.conf");
    (void)pn_adopt_names_read(adopt, folder, &names);
    for (size_t i = 0; i < names.count && !adopt->failed; i++)
        file_find(adopt, pn_adopt_text(adopt, "%s/%s", folder, names.items[i]));
    pn_free(names.items);
}
