/* Names to operands, and words to settings. */
#include "tools/lint_operands.h"

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/vector.h"
#include "tools/input/drafts.h"
#include "tools/test_name.h"

static bool
is_same_words(const struct pn_words *a, const struct pn_words *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

static void
settings_free(struct pn_lint_settings *settings)
{
    pn_lint_setup_clear(&settings->setup);
    free(settings->moved);
    pn_words_clear(&settings->words);
    free(settings);
}

/* Reads the words, which are taken over, if they are well; NULL without memory. */
static struct pn_lint_settings *
settings_make(struct pn_tool *tool, struct pn_words *words, int status)
{
    struct pn_lint_settings *s = calloc(1, sizeof(*s));
    int count;

    if (!s)
        return NULL;
    s->setup.against.image = -1;
    s->words = *words;
    *words = (struct pn_words){ 0 };
    s->config = pn_lint_config_default();
    s->moved = calloc(s->words.count + 1, sizeof(*s->moved));
    if (!s->moved) {
        settings_free(s);
        return NULL;
    }
    for (size_t i = 0; i < s->words.count; i++)
        s->moved[i] = s->words.items[i];
    s->status = s->reading = status;
    if (status == PN_EXIT_OK && pn_tool_options(tool, (int)s->words.count, s->moved,
                                                &s->config, &count, &s->status))
        s->status = pn_lint_setup_make(&s->setup, tool, &s->config);
    return s;
}

/* The settings for a file: those that another one has, or new ones. */
static struct pn_lint_settings *
settings_get(struct pn_lint_operands *all, const char *file)
{
    struct pn_lint_settings *made = NULL;
    struct pn_words words = { 0 };
    const struct pn_config_search search = { all->watched, all->notices };
    const struct pn_defaults_place place = { file, all->config->config,
                                             all->config->no_config, &search,
                                             &all->config->common };
    int status = pn_defaults_read(all->tool, all->run, &place, &words);

    for (size_t i = 0; i < all->setting_count && !made; i++)
        if (all->settings[i]->reading == status &&
            is_same_words(&all->settings[i]->words, &words))
            made = all->settings[i];
    if (!made && pn_vector_reserve(&all->settings, &all->setting_capacity,
                                   all->setting_count + 1, sizeof(made))) {
        made = settings_make(all->tool, &words, status);
        if (made)
            all->settings[all->setting_count++] = made;
    }
    pn_words_clear(&words);
    return made;
}

/* The file that an operand is about: of tests, the rules that they are of. */
static char *
root_of(struct pn_lint_operands *all, const char *name)
{
    struct stat st;
    char *root;

    pn_watched_note(all->watched, name);
    if (!pn_name_ends_in(name, PN_TESTS_END))
        return strdup(name);
    root = pn_name_renamed(name, PN_TESTS_END, PN_RULES_END);
    if (root)
        pn_watched_note(all->watched, root);
    if (!root || pn_files_stat(root, &st))
        return root;
    free(root);
    return strdup(name);
}

static bool
tests_find(struct pn_lint_operands *all, struct pn_lint_operand *operand)
{
    const char *name = operand->name;

    if (!pn_name_ends_in(name, PN_RULES_END) || pn_name_ends_in(name, PN_TESTS_END))
        return true;
    operand->tests = pn_name_renamed(name, PN_RULES_END, PN_TESTS_END);
    if (operand->tests)
        pn_watched_note(all->watched, operand->tests);
    return operand->tests != NULL;
}

static bool
operand_add(struct pn_lint_operands *all, const char *name)
{
    struct pn_lint_operand operand = { .name = root_of(all, name) };
    bool good = operand.name && tests_find(all, &operand) &&
                pn_vector_reserve(&all->items, &all->capacity, all->count + 1,
                                  sizeof(*all->items));

    if (good)
        operand.settings = settings_get(all, operand.name);
    if (!operand.settings) {
        free(operand.name);
        free(operand.tests);
        return false;
    }
    operand.status = operand.settings->status;
    all->items[all->count++] = operand;
    return true;
}

bool
pn_lint_operands_make(struct pn_lint_operands *out, int count, char **names)
{
    struct pn_intern known = { 0 };
    bool good = true;

    for (int i = 0; i < count && good; i++) {
        char *root = root_of(out, names[i]);
        char *place = root ? pn_drafts_place(root) : NULL;
        size_t before = known.count;
        uint32_t number;

        good = place && pn_intern_add(&known, place, strlen(place), &number);
        if (good && known.count > before)
            good = operand_add(out, names[i]);
        free(place);
        free(root);
    }
    pn_intern_clear(&known);
    return good;
}

void
pn_lint_operands_clear(struct pn_lint_operands *operands)
{
    for (size_t i = 0; i < operands->count; i++) {
        free(operands->items[i].name);
        free(operands->items[i].tests);
    }
    for (size_t i = 0; i < operands->setting_count; i++)
        settings_free(operands->settings[i]);
    free(operands->items);
    free(operands->settings);
    *operands = (struct pn_lint_operands){ 0 };
}
