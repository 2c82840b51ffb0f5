/* git is asked once for each thing. */
#include "tools/blame_git.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/image_decode.h"
#include "tools/input/git.h"

enum { OUTPUT_MAX = 1 << 28, SHALLOW_MAX = 1 << 24 };

#define LITERAL ":(top,literal)" /* a path from the top, with no patterns in it */

static bool
fail(struct pn_blame_git *git, const char *what, const char *why)
{
    git->status = pn_tool_fail_of(git->tool, PN_EXIT_SYSTEM, what, why);
    return false;
}

static bool
fail_memory(struct pn_blame_git *git, const char *what)
{
    return fail(git, what, strerror(ENOMEM));
}

/* As it is, without its line's end, and with a NUL. */
static void
line_end_drop(struct pn_buffer *text)
{
    while (text->size && strchr("\r\n", text->bytes[text->size - 1]))
        text->size--;
    pn_buffer_add(text, "", 1);
}

bool
pn_blame_git_run(struct pn_blame_git *git, const char *const words[],
                 struct pn_buffer *out)
{
    char said[PN_GIT_SAID_SIZE];
    int status = pn_git_run(words, OUTPUT_MAX, out, said);

    pn_buffer_add(out, "", 1);
    if (status > 0)
        git->status = pn_tool_failf(git->tool, PN_EXIT_USAGE, "git: %s", said);
    else if (out->failed)
        return fail_memory(git, "git");
    else if (status < 0)
        git->status = pn_tool_fail_system(git->tool, PN_EXIT_SYSTEM, "git");
    return status == 0;
}

/* The commits at which a shallow clone ends. */
static bool
cut_read(struct pn_blame_git *git)
{
    struct pn_buffer path = { 0 };
    struct pn_source list = { 0 };
    bool good = pn_blame_git_run(
        git, (const char *const[]){ "git", "rev-parse", "--git-path", "shallow", NULL },
        &path);
    uint32_t number;

    if (good) {
        path.size--;
        line_end_drop(&path);
    }
    if (good && pn_read_file(NULL, path.bytes, SHALLOW_MAX, &list))
        for (const char *at = list.text; *at && good; at += strspn(at, "\n")) {
            size_t size = strcspn(at, "\n");

            good = pn_intern_add(&git->cut, at, size, &number) ||
                   fail_memory(git, path.bytes);
            at += size;
        }
    else if (good && errno != ENOENT)
        good = fail(git, path.bytes, strerror(errno));
    pn_source_clear(&list);
    pn_buffer_free(&path);
    return good;
}

bool
pn_blame_git_begin(struct pn_blame_git *git, struct pn_tool *tool)
{
    char said[PN_GIT_SAID_SIZE];

    *git = (struct pn_blame_git){ .tool = tool };
    if (!pn_blame_git_run(
            git, (const char *const[]){ "git", "rev-parse", "--show-prefix", NULL },
            &git->prefix))
        return false;
    git->prefix.size--;
    line_end_drop(&git->prefix);
    /* a bare repository has none */
    if (pn_git_run((const char *const[]){ "git", "rev-parse", "--show-toplevel", NULL },
                   OUTPUT_MAX, &git->top, said) != 0)
        git->top.size = 0;
    else
        line_end_drop(&git->top);
    if (git->top.failed || git->prefix.failed)
        return fail_memory(git, "git");
    return cut_read(git);
}

void
pn_blame_git_clear(struct pn_blame_git *git)
{
    pn_buffer_free(&git->top);
    pn_buffer_free(&git->prefix);
    pn_intern_clear(&git->paths);
    pn_intern_clear(&git->cut);
    pn_intern_clear(&git->strays);
    pn_intern_clear(&git->asked);
    free(git->sources);
}

bool
pn_blame_git_path(struct pn_blame_git *git, const char *file, uint32_t *out)
{
    struct pn_buffer path = { 0 };
    size_t top = git->top.size ? git->top.size - 1 : 0;
    bool good;

    if (file[0] != '/')
        pn_buffer_add_text(&path, git->prefix.bytes);
    else if (top && strncmp(file, git->top.bytes, top) == 0 && file[top] == '/')
        file += top + 1;
    pn_buffer_add(&path, file, strlen(file) + 1);
    if (!path.failed)
        pn_path_tidy(path.bytes);
    good =
        !path.failed && pn_intern_add(&git->paths, path.bytes, strlen(path.bytes), out);
    pn_buffer_free(&path);
    return good || fail_memory(git, file);
}

bool
pn_blame_git_list(struct pn_blame_git *git, struct pn_buffer *out)
{
    static const char *const front[] = { "git",       "rev-list", "--date-order",
                                         "--parents", "HEAD",     "--" };
    size_t count = git->paths.count, made = 0;
    const char **words = calloc(count + PN_COUNT_OF(front) + 1, sizeof(*words));
    struct pn_buffer *paths = calloc(count + 1, sizeof(*paths));
    bool good = words && paths;

    for (; good && made < count; made++) {
        struct pn_str path = pn_intern_text(&git->paths, (uint32_t)made);

        pn_buffer_add_text(&paths[made], LITERAL);
        pn_buffer_add(&paths[made], path.ptr, path.len);
        pn_buffer_add(&paths[made], "", 1);
        good = !paths[made].failed;
        words[PN_COUNT_OF(front) + made] = paths[made].bytes;
    }
    for (size_t i = 0; good && i < PN_COUNT_OF(front); i++)
        words[i] = front[i];
    good = good ? pn_blame_git_run(git, words, out) : fail_memory(git, "git");
    for (size_t i = 0; paths && i < made; i++)
        pn_buffer_free(&paths[i]);
    free(paths);
    free(words);
    return good;
}

/* Did git say something to these words? */
static bool
is_answered(struct pn_blame_git *git, const char *const words[], bool *out)
{
    struct pn_buffer text = { 0 };
    bool good = pn_blame_git_run(git, words, &text);

    *out = good && text.size > 1;
    pn_buffer_free(&text);
    return good;
}

/* Told once for each path. */
static bool
stray_report(struct pn_blame_git *git, const char *path, bool there)
{
    size_t before = git->strays.count;
    uint32_t number;

    if (!pn_intern_add(&git->strays, path, strlen(path), &number)) {
        errno = ENOMEM;
        return false;
    }
    if (git->strays.count != before)
        pn_tool_failf(git->tool, 0, "%s%s", path,
                      there ? " is not in git: it is taken as it is now"
                            : " is not in git, and not here");
    errno = ENOENT;
    return true;
}

/* A file that no commit has ever had, as it is now. */
static bool
stray_read(struct pn_blame_git *git, const char *path, size_t limit,
           struct pn_source *out)
{
    struct pn_buffer name = { 0 };
    bool there, reported;

    if (path[0] != '/' && git->top.size) {
        pn_buffer_add(&name, git->top.bytes, git->top.size - 1);
        pn_buffer_add_text(&name, "/");
    }
    pn_buffer_add(&name, path, strlen(path) + 1);
    there = !name.failed && pn_read_file(NULL, name.bytes, limit, out);
    reported = stray_report(git, path, there);
    if (there && !reported)
        pn_source_clear(out);
    pn_buffer_free(&name);
    return there && reported;
}

/* Why a commit does not give a file: it has none, or it cannot be read. */
static bool
missing_read(struct pn_blame_git *git, const char *path, size_t limit,
             struct pn_source *out)
{
    struct pn_buffer literal = { 0 };
    bool there = false, ever = false, outside = strncmp(path, "../", 3) == 0, good;

    pn_buffer_add_text(&literal, LITERAL);
    pn_buffer_add(&literal, path, strlen(path) + 1);
    good = !literal.failed;
    if (good && !outside)
        good = is_answered(git,
                           (const char *const[]){ "git", "--literal-pathspecs",
                                                  "ls-tree", "--full-tree", git->commit,
                                                  "--", path, NULL },
                           &there) &&
               is_answered(git,
                           (const char *const[]){ "git", "rev-list", "-1", "HEAD", "--",
                                                  literal.bytes, NULL },
                           &ever);
    pn_buffer_free(&literal);
    errno = good ? ENOENT : EIO;
    if (good && there)
        errno = EIO; /* its bytes are not here */
    else if (good && !ever && !git->is_root)
        return stray_read(git, path, limit, out);
    return false;
}

bool
pn_blame_git_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct pn_blame_git *git = payload;
    struct pn_git_revision revision = { 0 };
    struct pn_buffer name = { 0 }, tidy = { 0 };
    uint32_t number;
    bool good = false, added = true;

    pn_buffer_add_format(&name, "%s:", git->commit);
    pn_buffer_add(&name, "", 1);
    pn_buffer_add(&tidy, path, strlen(path) + 1);
    errno = ENOMEM;
    if (name.failed || tidy.failed)
        goto done;
    if (path[0] != '/')
        pn_path_tidy(tidy.bytes);
    if (path[0] == '/') {
        good = stray_read(git, path, limit, out);
        goto done;
    }
    revision.name = name.bytes;
    if (strncmp(tidy.bytes, "../", 3) != 0)
        added = pn_intern_add(&git->paths, tidy.bytes, strlen(tidy.bytes), &number);
    good = added && pn_git_read(&revision, tidy.bytes, limit, out);
    if (added && !good && errno == ENOENT)
        good = missing_read(git, tidy.bytes, limit, out);
done:
    if (good)
        out->name = path; /* the caller's, which stays */
    pn_buffer_free(&name);
    pn_buffer_free(&tidy);
    return good;
}

/* "R097", a path, and another, each with a NUL; or one path behind other letters. */
static bool
source_find(struct pn_blame_git *git, const struct pn_buffer *text, struct pn_str path,
            uint32_t *out)
{
    const char *at = text->bytes, *end = at + text->size - 1;

    while (at < end) {
        const char *from = at + strlen(at) + 1, *to;

        if (from >= end)
            break;
        to = strchr("RC", at[0]) ? from + strlen(from) + 1 : from;
        if (to >= end)
            break;
        if (to != from && strlen(to) == path.len && memcmp(to, path.ptr, path.len) == 0)
            return pn_intern_add(&git->paths, from, strlen(from), out) ||
                   fail_memory(git, "git");
        at = to + strlen(to) + 1;
    }
    return true;
}

/* The first parent of a commit, whatever it touches; empty for none. */
static bool
parent_find(struct pn_blame_git *git, const char *commit, struct pn_buffer *out)
{
    size_t size;
    bool good = pn_blame_git_run(git,
                                 (const char *const[]){ "git", "rev-list", "--parents",
                                                        "-1", commit, "--", NULL },
                                 out);

    if (!good)
        return false;
    size = strcspn(out->bytes, " \n");
    if (out->bytes[size] == ' ') {
        memmove(out->bytes, out->bytes + size + 1, out->size - size - 1);
        out->bytes[strcspn(out->bytes, " \n")] = '\0';
    } else {
        out->bytes[0] = '\0';
    }
    return true;
}

static bool
source_ask(struct pn_blame_git *git, const char *parent, const char *commit,
           struct pn_str path, uint32_t *out)
{
    /* a small file that was moved has little left that is the same */
    static const char *const ways[][2] = { { "-C", "--find-copies-harder" },
                                           { "-M25%", "--no-color" } };
    struct pn_buffer first = { 0 }, text = { 0 };
    const uint32_t before = *out;
    bool good = parent || parent_find(git, commit, &first);

    if (good && !parent)
        parent = first.bytes;
    for (size_t i = 0; i < PN_COUNT_OF(ways) && good && *parent && *out == before;
         i++) {
        text.size = 0;
        good = pn_blame_git_run(git,
                                (const char *const[]){
                                    "git", "diff-tree", "-r", "-z", "--name-status",
                                    "-l0", "--diff-filter=RC", ways[i][0], ways[i][1],
                                    parent, commit, NULL },
                                &text) &&
               source_find(git, &text, path, out);
    }
    pn_buffer_free(&first);
    pn_buffer_free(&text);
    return good;
}

bool
pn_blame_git_source(struct pn_blame_git *git, const char *parent, const char *commit,
                    uint32_t path, uint32_t *out)
{
    struct pn_buffer key = { 0 };
    struct pn_str name = pn_intern_text(&git->paths, path);
    size_t before = git->asked.count;
    uint32_t number, source = path;
    bool good;

    pn_buffer_add_format(&key, "%s %s ", parent ? parent : "", commit);
    pn_buffer_add(&key, name.ptr, name.len);
    good = !key.failed && pn_intern_add(&git->asked, key.bytes, key.size, &number) &&
           pn_vector_reserve(&git->sources, &git->source_capacity, git->asked.count,
                             sizeof(*git->sources));
    pn_buffer_free(&key);
    if (!good)
        return fail_memory(git, "git");
    if (number == before) {
        struct pn_buffer copy = { 0 }; /* names move when one is added */

        pn_buffer_add(&copy, name.ptr, name.len);
        good = copy.failed
                   ? fail_memory(git, "git")
                   : source_ask(git, parent, commit,
                                (struct pn_str){ copy.bytes, copy.size }, &source);
        pn_buffer_free(&copy);
        git->sources[number] = source;
    }
    *out = git->sources[number];
    return good;
}
