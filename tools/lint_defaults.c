/* A line of .postern is an option without its dashes: NAME, or NAME = VALUE. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "tools/lint_defaults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/source.h"
#include "base/vector.h"

static bool
word_add(struct pn_words *words, const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    if (!copy || !pn_vector_reserve(&words->items, &words->capacity, words->count + 2,
                                    sizeof(*words->items))) {
        free(copy);
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    words->items[words->count++] = copy;
    words->items[words->count] = NULL;
    return true;
}

void
pn_words_clear(struct pn_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct pn_words){ 0 };
}

static struct pn_str
trim(struct pn_str text)
{
    while (text.len && strchr(" \t\r", text.ptr[0]) && text.ptr[0]) {
        text.ptr++;
        text.len--;
    }
    while (text.len && strchr(" \t\r", text.ptr[text.len - 1]) &&
           text.ptr[text.len - 1])
        text.len--;
    return text;
}

static bool
line_add(struct pn_words *words, struct pn_str line)
{
    const char *sign;
    struct pn_str name, value;
    struct pn_buffer word = { 0 };
    bool good;

    line = trim(line);
    if (!line.len || line.ptr[0] == '#')
        return true;
    sign = memchr(line.ptr, '=', line.len);
    name =
        trim((struct pn_str){ line.ptr, sign ? (size_t)(sign - line.ptr) : line.len });
    pn_buffer_add_text(&word, "--");
    pn_buffer_add(&word, name.ptr, name.len);
    if (sign) {
        value =
            trim((struct pn_str){ sign + 1, line.len - (size_t)(sign + 1 - line.ptr) });
        pn_buffer_add_text(&word, "=");
        pn_buffer_add(&word, value.ptr, value.len);
    }
    good = !word.failed && word_add(words, word.bytes, word.size);
    pn_buffer_free(&word);
    return good;
}

/* The first word that looks like a FILE: options with an argument are written with =,
 * or their argument is taken for one, which does no harm but in odd places. */
static const char *
first_file(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (argv[i][0] != '-' && access(argv[i], F_OK) == 0)
            return argv[i];
    return ".";
}

/* The nearest .postern: in the folder of `file`, or one above. -1: there is none. */
static int
defaults_open(const char *file)
{
    char path[PATH_MAX + sizeof("/.postern")];
    char *end;
    int fd;

    if (!realpath(file, path))
        return -1;
    for (;;) {
        end = path + strlen(path);
        memcpy(end, "/.postern", sizeof("/.postern"));
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR))
            return fd;
        *end = '\0';
        end = strrchr(path, '/');
        if (!end || end == path)
            return -1;
        *end = '\0';
    }
}

static bool
file_add(struct pn_words *words, int fd)
{
    struct pn_source source;
    bool good = true;

    if (!pn_source_read(&source, ".postern", fd, PN_SOURCE_SIZE_MAX))
        return false;
    for (size_t at = 0; at < source.size && good;) {
        const char *newline = memchr(source.text + at, '\n', source.size - at);
        size_t len = newline ? (size_t)(newline - source.text) - at : source.size - at;

        good = line_add(words, (struct pn_str){ source.text + at, len });
        at += len + 1;
    }
    pn_source_clear(&source);
    return good;
}

static bool
environment_add(struct pn_words *words, const char *text)
{
    bool good = true;

    while (text && *text && good) {
        size_t len = strcspn(text, " \t\n");

        good = !len || word_add(words, text, len);
        text += len + (text[len] != '\0');
    }
    return good;
}

int
pn_defaults_read(struct pn_tool *tool, int argc, char **argv, const char *environment,
                 struct pn_words *out)
{
    int fd = defaults_open(first_file(argc, argv));
    bool good = true;

    *out = (struct pn_words){ 0 };
    if (fd >= 0) {
        good = file_add(out, fd);
        close(fd);
    }
    good = good && environment_add(out, environment);
    for (int i = 0; i < argc && good; i++)
        good = word_add(out, argv[i], strlen(argv[i]));
    if (good)
        return PN_EXIT_OK;
    return pn_tool_fail(tool, PN_EXIT_SYSTEM,
                        (const char *const[]){ ".postern: ", strerror(errno), NULL });
}
