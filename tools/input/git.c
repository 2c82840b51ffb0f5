/* REV:FILE: which names are that, and texts as a commit has them. */
#include "tools/input/git.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "tools/test_name.h"

/* No name of a commit begins with any of these. */
static bool
may_be_revision(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon && colon[1] && !strchr(":-./", name[0]);
}

bool
pn_git_is_revision(const char *name)
{
    struct stat st;

    return may_be_revision(name) && !pn_files_stat(name, &st);
}

const char *
pn_git_path(const char *name)
{
    return pn_git_is_revision(name) ? strchr(name, ':') + 1 : name;
}

const char *
pn_git_base(const char *name)
{
    const char *path = pn_git_path(name), *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool
pn_git_is_both(const char *name)
{
    struct pn_buffer tree = { 0 }, out = { 0 };
    char said[PN_GIT_SAID_SIZE];
    bool is = false;
    struct stat st;

    if (!may_be_revision(name) || !pn_files_stat(name, &st))
        return false;
    pn_buffer_add(&tree, name, strcspn(name, ":"));
    pn_buffer_add(&tree, "^{tree}", sizeof("^{tree}"));
    if (!tree.failed)
        is = pn_git_run((const char *const[]){ "git", "rev-parse", "--verify",
                                               "--quiet", tree.bytes, NULL },
                        PN_GIT_PATH_MOST, &out, said) == 0;
    is |= tree.failed;
    pn_buffer_free(&tree);
    pn_buffer_free(&out);
    return is;
}

/*
 * Does a path begin with the REV: of a REV:FILE? The names of that file, of its tests,
 * and of what it names where FILE is in a folder, do; else it is a path that looks so.
 */
static bool
has_revision(const char *revision, size_t front, const char *path)
{
    return strncmp(path, revision, front) == 0 &&
           (strchr(revision + front, '/') || strcmp(path, revision) == 0 ||
            pn_name_ends_in(path, PN_TESTS_END));
}

/* REV: and a path in it, relative to this folder if the one of REV:FILE is. */
static void
object_name(struct pn_buffer *out, const char *revision, const char *path)
{
    size_t front = (size_t)(strchr(revision, ':') - revision) + 1;
    bool here;

    path += has_revision(revision, front, path) ? front : 0;
    here = strncmp(path, "./", 2) == 0 || strncmp(revision + front, "./", 2) == 0;
    pn_buffer_add(out, revision, front);
    pn_buffer_add_text(out, here ? "./" : "");
    front = out->size;
    pn_buffer_add(out, path, strlen(path));
    pn_buffer_add(out, "", 1);
    if (!out->failed)
        pn_path_tidy(out->bytes + front);
}

bool
pn_git_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct pn_git_revision *revision = payload;
    struct pn_buffer text = { 0 }, object = { 0 };
    int status = -1;
    bool good = false;

    if (path[0] == '/')
        return pn_read_file(NULL, path, limit, out);
    object_name(&object, revision->name, path);
    errno = ENOMEM;
    if (!object.failed)
        status = pn_git_run(
            (const char *const[]){ "git", "cat-file", "blob", object.bytes, NULL },
            limit, &text, revision->said);
    if (status == 0)
        good = pn_source_from_text(out, path, (struct pn_str){ text.bytes, text.size });
    if (status >= 0 && !good)
        errno = status ? ENOENT : ENOMEM;
    pn_buffer_free(&text);
    pn_buffer_free(&object);
    return good;
}

/* The path of an object's name in the working tree; false with errno set. */
static bool
here_path(const char *object, struct pn_buffer *out, char said[PN_GIT_SAID_SIZE])
{
    const char *path = strchr(object, ':') + 1;
    int status = 0;

    if (strncmp(path, "./", 2) != 0) {
        status = pn_git_run(
            (const char *const[]){ "git", "rev-parse", "--show-toplevel", NULL },
            PN_GIT_PATH_MOST, out, said);
        while (out->size && out->bytes[out->size - 1] == '\n')
            out->size--;
        pn_buffer_add_text(out, "/");
    }
    pn_buffer_add(out, path, strlen(path) + 1);
    errno = out->failed ? ENOMEM : ENOENT;
    return status == 0 && !out->failed && strncmp(path, "../", 3) != 0;
}

bool
pn_git_here(const char *name, struct pn_buffer *out)
{
    char said[PN_GIT_SAID_SIZE];

    return here_path(name, out, said);
}

static bool
is_followed(const char *path)
{
    char said[PN_GIT_SAID_SIZE];
    struct pn_buffer out = { 0 };
    int status =
        pn_git_run((const char *const[]){ "git", "--literal-pathspecs", "ls-files",
                                          "--error-unmatch", "--", path, NULL },
                   PN_GIT_PATH_MOST, &out, said);

    pn_buffer_free(&out);
    return status != 1; /* and in doubt it is */
}

bool
pn_git_read_named(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct pn_git_revision *revision = payload;
    struct pn_buffer object = { 0 }, here = { 0 };
    char said[PN_GIT_SAID_SIZE];
    struct stat st;
    bool good;

    if (pn_git_read(payload, path, limit, out))
        return true;
    if (errno != ENOENT)
        return false;
    object_name(&object, revision->name, path);
    errno = ENOMEM;
    good = !object.failed && here_path(object.bytes, &here, said) &&
           pn_files_stat(here.bytes, &st) && !is_followed(here.bytes);
    if (good && pn_read_file(NULL, here.bytes, limit, out)) {
        out->name = path;
        revision->said[0] = '\0';
        pn_buffer_add(&revision->strays, path, strlen(path) + 1);
    } else {
        good = false;
        errno = errno == ENOMEM || pn_files_is_outside(errno) ? errno : ENOENT;
    }
    pn_buffer_free(&object);
    pn_buffer_free(&here);
    return good;
}

bool
pn_git_identify(void *payload, const char *path, struct pn_buffer *out)
{
    const struct pn_git_revision *revision = payload;
    size_t before = out->size;

    if (path[0] == '/')
        return pn_identify_file(NULL, path, out);
    object_name(out, revision->name, path);
    if (!out->failed)
        out->size = before + strlen(out->bytes + before); /* tidy names are shorter */
    return true;
}
