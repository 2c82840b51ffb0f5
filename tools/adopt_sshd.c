/* sshd: from where somebody may log in becomes a policy, and it goes on as it is. */
#include <fnmatch.h>
#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "interop/import_sshd.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_tree.h"

enum { FILES_MOST = 64 };

static const char main_file[] = "/etc/ssh/sshd_config";
static const char drop_ins[] = "/etc/ssh/sshd_config.d";

/* What sshd reads, each file once. */
struct files {
    struct pn_adopt *adopt;
    struct pn_source items[FILES_MOST];
    bool is_matched[FILES_MOST]; /* read for some connections alone */
    size_t count;
    bool is_whole; /* nothing of it could not be read */
};

static bool
is_read(const struct files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, path) == 0)
            return true;
    return false;
}

static void
file_add(struct files *files, const char *path, bool is_matched)
{
    struct pn_adopt *adopt = files->adopt;

    if (is_read(files, path))
        return;
    if (files->count == FILES_MOST) {
        pn_adopt_error(adopt, path, 0, "sshd reads more than %d files: left out",
                       FILES_MOST);
        files->is_whole = false;
    } else if (pn_adopt_read(adopt, path, PN_ADOPT_TEXT_MOST,
                             &files->items[files->count])) {
        files->is_matched[files->count++] = is_matched;
    } else if (!pn_adopt_is_absent(adopt, path)) {
        files->is_whole = false; /* a note says why; it may say anything */
    }
}

static bool
is_pattern(const char *text)
{
    return text[strcspn(text, "*?[")];
}

/* Files that match a pattern whose folder is written out. */
static void
pattern_add(struct files *files, const char *pattern, bool is_matched)
{
    const char *slash = strrchr(pattern, '/');
    const char *folder = pn_adopt_copy(
        files->adopt, pn_str_to(pn_str_of_text(pattern), (size_t)(slash - pattern)));
    struct pn_adopt_names names;

    if (is_pattern(folder)) {
        pn_adopt_error(files->adopt, pattern, 0,
                       "sshd includes it: it is not looked for");
        files->is_whole = false;
        return;
    }
    (void)pn_adopt_names_read(files->adopt, folder, &names);
    for (size_t i = 0; i < names.count && !files->adopt->failed; i++)
        if (fnmatch(slash + 1, names.items[i], 0) == 0)
            file_add(files,
                     pn_adopt_text(files->adopt, "%s/%s", folder, names.items[i]),
                     is_matched);
    pn_free(names.items);
}

/* What a file includes, which lies in /etc/ssh where no folder is named. */
static void
includes_add(struct files *files, size_t number)
{
    struct pn_sshd_includes includes = pn_sshd_includes_of(&files->items[number]);
    struct pn_str name;

    while (!files->adopt->failed && pn_sshd_include_next(&includes, &name)) {
        const bool is_matched = files->is_matched[number] || includes.is_matched;
        const char *path =
            pn_adopt_text(files->adopt, "%s%.*s", *name.ptr == '/' ? "" : "/etc/ssh/",
                          (int)name.len, name.ptr);

        (is_pattern(path) ? pattern_add : file_add)(files, path, is_matched);
    }
}

/* Files of the folder that is for them, and that no line includes. */
static void
drop_ins_look(struct files *files)
{
    struct pn_adopt *adopt = files->adopt;
    struct pn_adopt_names names;

    (void)pn_adopt_names_read(adopt, drop_ins, &names);
    for (size_t i = 0; i < names.count && !adopt->failed; i++) {
        const char *path = pn_adopt_text(adopt, "%s/%s", drop_ins, names.items[i]);
        struct pn_source source;

        if (is_read(files, path) ||
            !pn_adopt_read(adopt, path, PN_ADOPT_TEXT_MOST, &source))
            continue;
        if (pn_sshd_has_rules(&source))
            (void)pn_adopt_add(adopt, (struct pn_adopt_item){ .kind = PN_ADOPT_SSHD,
                                                              .state = PN_ADOPT_UNREAD,
                                                              .file = path });
        pn_source_clear(&source);
    }
    pn_free(names.items);
}

/* Rules that hold for some connections alone make no policy. */
static bool
is_whole(const struct files *files)
{
    bool whole = files->is_whole;

    for (size_t i = 0; i < files->count; i++)
        if (files->is_matched[i] && pn_sshd_has_rules(&files->items[i])) {
            pn_adopt_error(files->adopt, files->items[i].name, 0,
                           "its rules are of a Match that includes it: they have no "
                           "equivalent");
            whole = false;
        }
    return whole;
}

static void
policy_add(struct files *files, const char *file)
{
    static const struct pn_importer sshd = { "sshd", "AllowUsers of sshd",
                                             PN_IMPORT_TEXT, pn_sshd_import };
    struct pn_import import = { .files = files->items, .file_count = files->count };
    struct pn_adopt_item item = { .kind = PN_ADOPT_SSHD,
                                  .state = PN_ADOPT_STAYS,
                                  .file = pn_adopt_copy(files->adopt,
                                                        pn_str_of_text(file)) };

    if (is_whole(files) &&
        pn_adopt_import(files->adopt, &sshd, &import, &item.policy)) {
        item.state = PN_ADOPT_GOES;
        item.name = pn_adopt_name(files->adopt, "sshd");
    }
    (void)pn_adopt_add(files->adopt, item);
}

void
pn_adopt_sshd_find(struct pn_adopt *adopt)
{
    struct files files = { .adopt = adopt, .is_whole = true };
    const char *first = NULL;

    file_add(&files, main_file, false);
    for (size_t i = 0; i < files.count && !adopt->failed; i++)
        includes_add(&files, i);
    for (size_t i = 0; i < files.count && !first; i++)
        if (pn_sshd_has_rules(&files.items[i]))
            first = files.items[i].name;
    if (first || !files.is_whole)
        policy_add(&files, first ? first : main_file);
    drop_ins_look(&files);
    for (size_t i = 0; i < files.count; i++)
        pn_source_clear(&files.items[i]);
}
