/*
 * What a run script does with the rules: does its server obey them, and as which user?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/compiled.h"
#include "base/files.h"
#include "base/sizes.h"
#include "tools/input/rules_file.h"
#include "tools/lint_server.h"
#include "tools/test_name.h"

#define COMPILED_END ".cdb"

struct served_work {
    struct pn_tool *tool;
    const struct pn_server_flags *flags;
    struct pn_report *report;
};

static struct pn_finding *
add(struct served_work *w, enum pn_check check, const char *help)
{
    struct pn_finding *f =
        pn_report_add(w->report, check,
                      (struct pn_source_span){ &w->flags->source, w->flags->span, 0 });

    if (f && help)
        f->help = pn_report_format(w->report, "%s", help);
    return f;
}

static const char *
base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* The default name that a source is compiled to. */
static char *
compiled_name(const char *name)
{
    size_t size = strlen(name) + sizeof(COMPILED_END);
    char *out;

    if (pn_name_ends_in(name, PN_RULES_END))
        return pn_name_renamed(name, PN_RULES_END, COMPILED_END);
    out = malloc(size);
    if (out) {
        memcpy(out, name, strlen(name));
        memcpy(out + strlen(name), COMPILED_END, sizeof(COMPILED_END));
    }
    return out;
}

static bool
is_same_file(const char *a, const char *b)
{
    struct stat left, right;

    return pn_files_stat(a, &left) && pn_files_stat(b, &right) &&
           left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/* Does what the server reads decide as this source does, whatever it is called? */
static bool
decides_alike(struct pn_tool *tool, const char *cdb, const char *name)
{
    struct pn_rules_file files[2];
    struct pn_decoded decoded[2];
    const char *const names[] = { cdb, name };
    struct pn_difference d = { .found = true };
    struct pn_work work = tool->work;
    bool good = pn_input_is_plain(cdb);

    for (size_t i = 0; i < 2; i++) {
        files[i] = (struct pn_rules_file){ .image = -1 };
        decoded[i] = (struct pn_decoded){ 0 };
        good = good && pn_rules_file_try(&files[i], &decoded[i], tool, names[i]);
    }
    good = good &&
           pn_images_equivalent((struct pn_image){ files[0].rules, &decoded[0] },
                                (struct pn_image){ files[1].rules, &decoded[1] }, &d,
                                &work) == POSTERN_OK &&
           !d.found;
    pn_difference_clear(&d);
    for (size_t i = 0; i < 2; i++) {
        pn_decoded_clear(&decoded[i]);
        pn_rules_file_close(&files[i]);
    }
    return good;
}

enum reading { READS, READS_TEXT, READS_ANOTHER };

/* What the server's file is to a source. False without memory. */
static bool
reading_of(struct pn_tool *tool, const char *cdb, const char *name, enum reading *out)
{
    char *compiled = compiled_name(name);
    bool text = strcmp(base_of(cdb), base_of(name)) == 0 || is_same_file(cdb, name);

    if (!compiled)
        return false;
    *out = READS_ANOTHER;
    if (text)
        *out = READS_TEXT;
    else if (strcmp(base_of(cdb), base_of(compiled)) == 0 ||
             decides_alike(tool, cdb, name))
        *out = READS;
    free(compiled);
    return true;
}

/* One of the files may be what it reads; the others are included by it, or elsewhere.
 */
static bool
rules_read(struct served_work *w, char **names, size_t count)
{
    const char *cdb = w->flags->cdb;
    enum reading best = READS_ANOTHER, one;
    struct pn_finding *f;

    if (!cdb && !w->flags->unsure) {
        f = add(w, PN_CHECK_RULES_NOT_READ, "name the compiled rules with -x");
        if (f)
            f->label = pn_report_format(w->report, "without -x everybody is served");
    }
    if (!cdb || strpbrk(cdb, "$`"))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "-") == 0)
            return true; /* its name is unknown */
        if (!reading_of(w->tool, cdb, names[i], &one))
            return false;
        best = one < best ? one : best;
    }
    if (best == READS_TEXT) {
        f = add(w, PN_CHECK_RULES_NOT_READ,
                "name what postern compile or tcprules made of it");
        if (f)
            f->label = pn_report_format(
                w->report, "%s is the text, not the compiled rules: nobody is served",
                cdb);
    } else if (best == READS_ANOTHER && count) {
        f = add(w, PN_CHECK_RULES_NOT_READ, NULL);
        if (f)
            f->label =
                pn_report_format(w->report, "it obeys %s, which is not made of %s", cdb,
                                 count == 1 ? base_of(names[0]) : "any of these files");
    }
    return true;
}

/* A name server that looks its clients up, and an ident server that asks theirs. */
static void
loops(struct served_work *w)
{
    static const struct {
        const char *ports[4];
        bool by_host;
        const char *label;
    } services[] = {
        { { "53", "domain", "dns" }, true, "a name server looks up whoever asks it" },
        { { "113", "auth", "ident", "tap" },
          false,
          "an ident server asks that of whoever asks it" },
    };
    const struct pn_profile *p = &w->flags->profile;

    for (size_t i = 0; i < PN_COUNT_OF(services); i++)
        for (size_t k = 0; k < PN_COUNT_OF(services[i].ports); k++) {
            const char *port = services[i].ports[k];
            bool host = services[i].by_host && w->flags->asks_hosts;
            struct pn_finding *f;

            if (!port || strcmp(w->flags->port, port) != 0 || (!host && p->no_ident))
                continue;
            f = add(w, PN_CHECK_LOOK_UP_LOOP,
                    host && !p->no_ident ? "add -R -H"
                    : host               ? "add -H"
                                         : "add -R");
            if (f)
                f->label = pn_report_format(w->report, "%s", services[i].label);
        }
}

int
pn_server_lint(struct pn_tool *tool, const struct pn_server_flags *flags, char **names,
               size_t count, struct pn_report *report)
{
    struct served_work w = { tool, flags, report };
    bool other = flags->drops || flags->unsure || flags->env_ids;
    struct pn_finding *f;

    if (!flags->source.text)
        return PN_EXIT_OK;
    if (flags->problem.size) {
        f = add(&w, PN_CHECK_CDB_WRITABLE, NULL);
        if (f)
            f->label = pn_report_format(report, "%s", flags->problem.bytes);
    }
    if (!rules_read(&w, names, count) ||
        !pn_balancers_lint(tool, flags, names, count, report)) {
        return pn_tool_fail_memory(tool, flags->source.name);
    }
    if (flags->port && !flags->unsure)
        loops(&w);
    if (flags->names_ids && !other && !flags->user)
        add(&w, PN_CHECK_RUNS_AS_ROOT, "add -U, which obeys $UID and $GID");
    if (flags->user && !flags->group && !other)
        add(&w, PN_CHECK_GROUPS_KEPT, "add -g, or use envuidgid and -U");
    return PN_EXIT_OK;
}
