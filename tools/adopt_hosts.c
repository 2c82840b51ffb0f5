/* hosts.allow and hosts.deny: who still asks them, and what they say of each. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "interop/elf_needs.h"
#include "interop/hosts_names.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_service.h"
#include "tools/adopt_tree.h"
#include "tools/lint_server_words.h"

static const char allow_path[] = "/etc/hosts.allow", deny_path[] = "/etc/hosts.deny";

static bool
bytes_read(void *payload, uint64_t at, void *out, size_t size)
{
    const int *fd = payload;

    return at <= INT64_MAX && pread(*fd, out, size, (off_t)at) == (ssize_t)size;
}

static void
program_look(struct pn_adopt *adopt, const char *path)
{
    struct pn_adopt_identity id;
    struct pn_elf_file file = { bytes_read, NULL };
    int fd = -1;

    if (pn_adopt_look(adopt, path, &id) && S_ISREG(id.mode))
        fd = pn_adopt_open(adopt, path);
    file.payload = &fd;
    if (fd < 0)
        return;
    if (pn_elf_needs(&file, "libwrap.so"))
        adopt->failed |= !pn_vector_add(&adopt->wrapped, &adopt->wrapped_count,
                                        &adopt->wrapped_capacity, &path, sizeof(path));
    close(fd);
}

void
pn_adopt_wrapped_find(struct pn_adopt *adopt)
{
    static const char *const folders[] = {
        "/usr/sbin",          "/usr/bin",        "/usr/libexec",
        "/usr/lib/openssh",   "/usr/local/sbin", "/usr/local/bin",
        "/usr/local/libexec", "/sbin",           "/bin",
    };
    struct pn_adopt_identity seen[PN_COUNT_OF(folders)];

    for (size_t i = 0; i < PN_COUNT_OF(folders) && !adopt->failed; i++) {
        struct pn_adopt_names names;
        bool again = !pn_adopt_look(adopt, folders[i], &seen[i]);

        for (size_t before = 0; before < i && !again; before++)
            again = seen[before].device == seen[i].device &&
                    seen[before].inode == seen[i].inode; /* /bin, a link to /usr/bin */
        if (again) {
            seen[i] = (struct pn_adopt_identity){ 0 };
            continue;
        }
        (void)pn_adopt_names_read(adopt, folders[i], &names);
        for (size_t n = 0; n < names.count && !adopt->failed; n++)
            program_look(adopt,
                         pn_adopt_text(adopt, "%s/%s", folders[i], names.items[n]));
        pn_free(names.items);
    }
}

const char *
pn_adopt_wrapped(const struct pn_adopt *adopt, const char *base)
{
    for (size_t i = 0; i < adopt->wrapped_count; i++)
        if (strcmp(pn_word_base(adopt->wrapped[i]), base) == 0)
            return adopt->wrapped[i];
    return NULL;
}

bool
pn_adopt_hosts_policy(struct pn_adopt *adopt, const char *daemon,
                      struct pn_buffer *policy)
{
    const char *const paths[] = { allow_path, deny_path };
    struct pn_source files[2] = { { 0 }, { 0 } };
    struct pn_import import = { .files = files, .file_count = 2 };
    bool good = true, any = false;

    import.wants.daemon = daemon;
    for (size_t i = 0; i < 2 && good; i++) {
        if (!pn_adopt_is_absent(adopt, paths[i])) {
            any = true; /* one that cannot be read may say anything */
            good = pn_adopt_read(adopt, paths[i], PN_ADOPT_TEXT_MOST, &files[i]);
        } else {
            good = pn_source_from_text(&files[i], paths[i], PN_STR(""));
            adopt->failed |= !good;
        }
    }
    if (good && any)
        good = pn_adopt_import(adopt, pn_importer_find("hosts.allow"), &import, policy);
    pn_source_clear(&files[0]);
    pn_source_clear(&files[1]);
    return good;
}

/* Programs that ask hosts.allow for others, or to show what it says. */
static bool
is_wrapper(const char *base)
{
    static const char *const names[] = { "tcpd",       "inetd",     "xinetd",
                                         "tcpdchk",    "tcpdmatch", "try-from",
                                         "safe_finger" };

    for (size_t i = 0; i < PN_COUNT_OF(names); i++)
        if (strcmp(base, names[i]) == 0)
            return true;
    return false;
}

/* The item that hosts.allow is asked for, of this daemon; NULL: none. */
static const struct pn_adopt_item *
daemon_find(const struct pn_adopt *adopt, const char *daemon)
{
    for (size_t i = 0; i < adopt->item_count; i++)
        if (adopt->items[i].daemon && strcmp(adopt->items[i].daemon, daemon) == 0)
            return &adopt->items[i];
    return NULL;
}

/* A program of its own that asks, where the files say something of it. */
static void
program_add(struct pn_adopt *adopt, const char *path, const char *file)
{
    struct pn_adopt_item item = { .kind = PN_ADOPT_HOSTS,
                                  .state = PN_ADOPT_GOES,
                                  .file = file,
                                  .what = pn_word_base(path),
                                  .daemon = pn_word_base(path),
                                  .reader = path };

    if (is_wrapper(item.what) || daemon_find(adopt, item.what))
        return;
    if (!pn_adopt_hosts_policy(adopt, item.what, &item.policy))
        item.state = PN_ADOPT_STAYS;
    else if (pn_adopt_ask(adopt, &item.policy).allows_all) {
        pn_buffer_free(&item.policy);
        return;
    } else
        item.name = pn_adopt_name(adopt, pn_adopt_text(adopt, "hosts-%s", item.what));
    (void)pn_adopt_add(adopt, item);
}

/* A word that is the name of one daemon. */
static bool
is_name(struct pn_str word)
{
    return !pn_import_is(word, "ALL") && !pn_import_is(word, "KNOWN") &&
           !pn_str_has(word, '*') && !pn_str_has(word, '?') && *word.ptr != '.' &&
           *word.ptr != '@' && word.ptr[word.len - 1] != '.';
}

/* Daemons that are named, and that no program asks for. */
static void
names_look(struct pn_adopt *adopt, const struct pn_source *file)
{
    struct pn_hosts_names names = pn_hosts_names_begin(file);
    struct pn_str word;

    while (!adopt->failed && pn_hosts_names_next(&names, &word)) {
        const char *name;

        if (!is_name(word))
            continue;
        name = pn_adopt_copy(adopt, word);
        if (daemon_find(adopt, name) ||
            (pn_adopt_wrapped(adopt, name) && !is_wrapper(name)))
            continue;
        (void)pn_adopt_add(adopt, (struct pn_adopt_item){ .kind = PN_ADOPT_HOSTS,
                                                          .state = PN_ADOPT_UNREAD,
                                                          .file = file->name,
                                                          .line = names.line,
                                                          .what = name,
                                                          .daemon = name });
    }
}

static bool
anybody_asks(const struct pn_adopt *adopt)
{
    for (size_t i = 0; i < adopt->item_count; i++)
        if (adopt->items[i].daemon && adopt->items[i].reader)
            return true;
    for (size_t i = 0; i < adopt->wrapped_count; i++)
        if (!is_wrapper(pn_word_base(adopt->wrapped[i])))
            return true;
    return false;
}

void
pn_adopt_hosts_find(struct pn_adopt *adopt)
{
    const char *const paths[] = { allow_path, deny_path };
    const char *file = NULL;

    for (size_t i = PN_COUNT_OF(paths); i-- > 0;)
        if (!pn_adopt_is_absent(adopt, paths[i]))
            file = paths[i];
    for (size_t i = 0; file && i < adopt->wrapped_count; i++)
        program_add(adopt, adopt->wrapped[i], file);
    for (size_t i = 0; i < PN_COUNT_OF(paths) && !adopt->failed; i++) {
        struct pn_source source;

        if (!pn_adopt_read(adopt, paths[i], PN_ADOPT_TEXT_MOST, &source))
            continue;
        if (anybody_asks(adopt))
            names_look(adopt, &source);
        else
            (void)pn_adopt_add(adopt, (struct pn_adopt_item){ .kind = PN_ADOPT_HOSTS,
                                                              .state = PN_ADOPT_UNREAD,
                                                              .file = paths[i] });
        pn_source_clear(&source);
    }
}
