/* Words of a run, with those of a .postern before them. */
#include "tools/lint_defaults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

bool
pn_words_of_run(struct pn_words *out, const char *environment, int argc, char **argv)
{
    bool good = true;

    *out = (struct pn_words){ 0 };
    for (const char *at = environment; at && *at && good;) {
        size_t len = strcspn(at, " \t\n");

        good = !len || word_add(out, at, len);
        at += len + (at[len] != '\0');
    }
    for (int i = 0; i < argc && good; i++)
        good = word_add(out, argv[i], strlen(argv[i]));
    return good;
}

/* A pn_config_word_fn. */
static bool
config_add(void *payload, const char *word, size_t size)
{
    return word_add(payload, word, size);
}

int
pn_defaults_read(struct pn_tool *tool, const struct pn_words *run,
                 const struct pn_defaults_place *place, struct pn_words *out)
{
    struct pn_config_file file = { 0 };
    bool found = place->config != NULL, good = true;
    int status = PN_EXIT_OK;

    *out = (struct pn_words){ 0 };
    if (place->config)
        status = pn_config_open(&file, tool, place->config, place->search);
    else if (!place->none)
        status = pn_config_find(&file, &found, tool, place->file, place->search);
    if (found && status == PN_EXIT_OK)
        status = pn_config_words(&file, tool, place->common, config_add, out);
    pn_config_clear(&file);
    for (size_t i = 0; i < run->count && good; i++)
        good = word_add(out, run->items[i], strlen(run->items[i]));
    if (good)
        return status;
    return pn_tool_fail_memory(tool, ".postern");
}
