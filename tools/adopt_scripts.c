/* Run scripts and units that start a server with rules: tcpserver -x. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "tools/adopt_calls.h"
#include "tools/adopt_logs.h"
#include "tools/adopt_rules.h"
#include "tools/adopt_script.h"
#include "tools/adopt_tree.h"
#include "tools/lint_server.h"
#include "tools/lint_server_words.h"

/* Where supervisors have their services: each is a folder with a run script. */
static const char *const service_folders[] = {
    "/service",
    "/etc/service",
    "/var/service",
    "/etc/sv",
    "/etc/runit/runsvdir/default",
    "/var/qmail/supervise",
    "/etc/s6/sv",
    "/etc/services.d",
};

static const char *const unit_folders[] = {
    "/etc/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
};

/* A script at hand. */
struct script {
    struct pn_adopt *adopt;
    const char *folder; /* of the service, from which relative paths go; or NULL */
    const char *name, *path;
    bool is_unit;
};

/* Scripts by whatever name: links from /service lead to the same. */
struct seen {
    struct pn_adopt_identity *items;
    size_t count, capacity;
};

static bool
is_seen(struct pn_adopt *adopt, struct seen *seen, const struct pn_adopt_identity *id)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->items[i].device == id->device && seen->items[i].inode == id->inode)
            return true;
    adopt->failed |=
        !pn_vector_add(&seen->items, &seen->count, &seen->capacity, id, sizeof(*id));
    return false;
}

/* Where the rules are, or NULL when only the script knows, as it runs. */
static const char *
rules_path(const struct script *script, const char *cdb)
{
    if (strpbrk(cdb, "$`"))
        return NULL;
    if (*cdb == '/')
        return pn_adopt_copy(script->adopt, pn_str_of_text(cdb));
    return script->folder ? pn_adopt_text(script->adopt, "%s/%s", script->folder,
                                          strncmp(cdb, "./", 2) == 0 ? cdb + 2 : cdb)
                          : NULL;
}

/* The script with our program and our rules in it. */
static void
run_make(const struct script *script, struct pn_str text, const char *cdb,
         struct pn_adopt_item *item)
{
    struct pn_adopt *adopt = script->adopt;
    struct pn_script_edit edit = { .rules = cdb, .program = "tcpserver" };

    edit.new_rules = script->is_unit
                         ? pn_adopt_text(adopt, "/etc/postern/%s.cdb", item->name)
                         : "rules.cdb";
    edit.new_server = pn_adopt_text(adopt, "%s/tcpserver", adopt->programs);
    if (!script->is_unit && pn_script_moves(text))
        pn_adopt_error(adopt, item->file, item->line,
                       "it changes its folder (cd): -x has to be exchanged by hand");
    else if (!pn_script_edit(text, &edit, &item->run))
        pn_adopt_error(adopt, item->file, item->line,
                       "\"%s\" is not written so in it: -x has to be exchanged by hand",
                       cdb);
    else
        item->script_name =
            script->is_unit ? pn_adopt_text(adopt, "%s.service", item->name) : "run";
    adopt->failed |= item->run.failed;
}

/* Adds what a script has become, and replays what its logger wrote. */
static void
item_add(const struct script *script, struct pn_adopt_item item)
{
    struct pn_adopt *adopt = script->adopt;
    struct pn_adopt_identity down;
    struct pn_adopt_item *added;

    item.is_down =
        script->folder &&
        pn_adopt_look(adopt, pn_adopt_text(adopt, "%s/down", script->folder), &down);
    added = pn_adopt_add(adopt, item);
    if (added && script->folder && added->policy.size)
        pn_adopt_logs_replay(adopt, script->folder, added);
}

static void
server_add(const struct script *script, const struct pn_server_flags *flags)
{
    struct pn_adopt *adopt = script->adopt;
    struct pn_adopt_item item = { .kind = PN_ADOPT_TCPSERVER,
                                  .state = PN_ADOPT_STAYS,
                                  .file = script->path,
                                  .what = script->name,
                                  .script = script->path };

    item.line = pn_source_position(&flags->source, flags->span.offset).line;
    item.rules = rules_path(script, flags->cdb);
    item.port = flags->port ? pn_adopt_copy(adopt, pn_str_of_text(flags->port)) : NULL;
    if (!item.rules)
        pn_adopt_error(adopt, script->path, item.line,
                       "\"%s\" is known when the script runs, and not before",
                       flags->cdb);
    else if (pn_adopt_rules_read(adopt, item.rules, &item.policy)) {
        item.state = PN_ADOPT_GOES;
        item.name = pn_adopt_name(adopt, script->name);
        run_make(script, (struct pn_str){ flags->source.text, flags->source.size },
                 flags->cdb, &item);
    }
    item_add(script, item);
}

/* A script of another server, with its words exchanged for those of ours. */
static void
call_add(const struct script *script, struct pn_str text,
         const struct pn_adopt_call *call)
{
    struct pn_adopt *adopt = script->adopt;
    struct pn_adopt_item item = { .kind = call->kind,
                                  .state = PN_ADOPT_STAYS,
                                  .file = script->path,
                                  .line = call->line,
                                  .what = script->name,
                                  .script = script->path,
                                  .port = call->port };

    item.rules = call->rules ? rules_path(script, call->rules) : NULL;
    if (call->fault || !item.rules) {
        pn_adopt_error(adopt, script->path, call->line, "it stays: %s",
                       call->fault ? call->fault : "its rules are not to be found");
    } else if (pn_adopt_folder_import(adopt, call, item.rules, &item.policy)) {
        item.state = PN_ADOPT_GOES;
        item.name = pn_adopt_name(adopt, script->name);
        item.script_name = "run";
        pn_buffer_add_str(&item.run, pn_str_to(text, call->from));
        pn_buffer_add_str(&item.run, pn_str_of(&call->words));
        pn_buffer_add_text(&item.run, " -x rules.cdb ");
        (void)pn_script_word_add(&item.run, pn_str_of_text(call->host));
        pn_buffer_add_text(&item.run, " ");
        (void)pn_script_word_add(&item.run, pn_str_of_text(call->port));
        pn_buffer_add_text(&item.run, " ");
        pn_buffer_add_str(&item.run, pn_str_from(text, call->to));
        adopt->failed |= item.run.failed;
    }
    item_add(script, item);
}

/* What is no script of tcpserver may be one of tcpsvd, udpsvd or s6-tcpserver. */
static void
call_look(const struct script *script, struct pn_str text)
{
    struct pn_adopt_call call = { .fault = NULL };

    if (!script->is_unit && pn_adopt_call_find(script->adopt, text, &call)) {
        if (call.rules || call.fault)
            call_add(script, text, &call);
        else
            pn_adopt_note(script->adopt, script->path, call.line,
                          "it is started without rules: everybody may connect");
    }
    pn_buffer_free(&call.words);
}

static void
script_look(const struct script *script)
{
    struct pn_adopt *adopt = script->adopt;
    struct pn_server_flags flags = { .known = true };
    struct pn_source source;

    if (!pn_adopt_read(adopt, script->path, PN_ADOPT_TEXT_MOST, &source))
        return;
    if (source.size && memchr(source.text, '\0', source.size)) {
        pn_adopt_error(adopt, script->path, 0, "there is a NUL in it: it is no script");
    } else if (pn_server_flags_of(&source, &flags) &&
               flags.kind == &pn_server_kinds[PN_SERVER_TCP]) {
        if (flags.cdb)
            server_add(script, &flags);
        else
            pn_adopt_note(adopt, script->path,
                          pn_source_position(&flags.source, flags.span.offset).line,
                          "tcpserver is started without rules: everybody may connect");
    } else if (!flags.failed) {
        call_look(script, (struct pn_str){ flags.source.text, flags.source.size });
    }
    adopt->failed |= flags.failed;
    pn_source_clear(&source);
    pn_server_flags_clear(&flags);
}

/* Each folder of it that has a run script. */
static void
services_look(struct pn_adopt *adopt, const char *folder, struct seen *seen)
{
    struct pn_adopt_names names;

    (void)pn_adopt_names_read(adopt, folder, &names);
    for (size_t i = 0; i < names.count && !adopt->failed; i++) {
        struct script script = { .adopt = adopt, .name = names.items[i] };
        struct pn_adopt_identity id;

        script.folder = pn_adopt_text(adopt, "%s/%s", folder, script.name);
        script.path = pn_adopt_text(adopt, "%s/run", script.folder);
        if (!pn_adopt_look(adopt, script.path, &id) || !is_seen(adopt, seen, &id))
            script_look(&script);
    }
    pn_free(names.items);
}

static void
units_look(struct pn_adopt *adopt, const char *folder, struct seen *seen)
{
    static const char end[] = ".service";
    struct pn_adopt_names names;

    (void)pn_adopt_names_read(adopt, folder, &names);
    for (size_t i = 0; i < names.count && !adopt->failed; i++) {
        size_t size = strlen(names.items[i]), front = size - (sizeof(end) - 1);
        struct script script = { .adopt = adopt, .is_unit = true };
        struct pn_adopt_identity id;

        if (size < sizeof(end) || strcmp(names.items[i] + front, end) != 0)
            continue;
        script.name = pn_adopt_copy(adopt, (struct pn_str){ names.items[i], front });
        script.path = pn_adopt_text(adopt, "%s/%s", folder, names.items[i]);
        if (pn_adopt_look(adopt, script.path, &id) && S_ISREG(id.mode) &&
            !is_seen(adopt, seen, &id))
            script_look(&script);
    }
    pn_free(names.items);
}

void
pn_adopt_scripts_find(struct pn_adopt *adopt)
{
    struct seen seen = { 0 };

    for (size_t i = 0; i < PN_COUNT_OF(service_folders); i++)
        services_look(adopt, service_folders[i], &seen);
    for (size_t i = 0; i < PN_COUNT_OF(unit_folders); i++)
        units_look(adopt, unit_folders[i], &seen);
    pn_free(seen.items);
}
