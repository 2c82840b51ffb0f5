/* A line of .postern is an option without its dashes: NAME, or NAME = VALUE. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "tools/lint_defaults.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/unit.h"

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

/* The folder of a file, whole; that of one which is not there, or where we are. */
static bool
folder_find(const char *file, char path[PATH_MAX])
{
    const char *slash = strrchr(file, '/');
    char *end;

    if (strcmp(file, "-") != 0 && realpath(file, path)) {
        end = strrchr(path, '/');
        *end = '\0';
        return true;
    }
    if (!slash || strlen(file) >= PATH_MAX)
        return realpath(".", path) != NULL;
    memcpy(path, file, (size_t)(slash - file) + 1);
    path[slash - file + 1] = '\0';
    end = strdup(path);
    if (!end)
        return false;
    slash = realpath(end, path);
    free(end);
    return slash != NULL;
}

static bool
lines_add(struct pn_words *words, const struct pn_source *source)
{
    bool good = true;

    for (size_t at = 0; at < source->size && good;) {
        const char *newline = memchr(source->text + at, '\n', source->size - at);
        size_t len =
            newline ? (size_t)(newline - source->text) - at : source->size - at;

        good = line_add(words, (struct pn_str){ source->text + at, len });
        at += len + 1;
    }
    if (!good)
        errno = ENOMEM;
    return good;
}

/* The nearest .postern: in the folder of the file, or one above, if there is one. */
static bool
file_add(struct pn_words *words, const struct pn_defaults_place *place)
{
    char path[PATH_MAX + sizeof("/.postern")];
    char *end = path;
    struct pn_source source;
    bool good;

    if (!folder_find(place->file, path))
        return true;
    while (end) {
        end = path + strlen(path);
        memcpy(end, "/.postern", sizeof("/.postern"));
        pn_watched_note(place->watched, path);
        if (pn_read_file(NULL, path, PN_SOURCE_SIZE_MAX, &source)) {
            good = lines_add(words, &source);
            pn_source_clear(&source);
            return good;
        }
        if (errno != ENOENT && errno != ENOTDIR)
            return false;
        *end = '\0';
        end = strrchr(path, '/');
        if (end)
            *end = '\0';
    }
    return true;
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
pn_defaults_read(struct pn_tool *tool, int argc, char **argv,
                 const struct pn_defaults_place *place, struct pn_words *out)
{
    bool good;

    *out = (struct pn_words){ 0 };
    good = file_add(out, place) && environment_add(out, place->environment);
    for (int i = 0; i < argc && good; i++)
        good = word_add(out, argv[i], strlen(argv[i]));
    if (good)
        return PN_EXIT_OK;
    return pn_tool_fail_system(tool, PN_EXIT_SYSTEM, ".postern");
}
