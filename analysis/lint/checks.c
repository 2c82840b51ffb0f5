/* Rows are found by code, by the beginning of one, or by name. */
#include "analysis/lint/checks.h"

#include <string.h>

#include "base/ascii.h"
#include "base/nearest.h"

#define ON_ERROR PN_ERROR, true
#define ON_WARNING PN_WARNING, true
#define ON_NOTE PN_NOTE, true
#define ON_OFF PN_NOTE, false
#define DIALECT_BOTH true, true
#define DIALECT_CLASSIC true, false
#define DIALECT_EXTENDED false, true

const struct pn_check_info pn_check_info[PN_CHECK_NONE] = {
#define X(id, code, name, severity, dialects, fix, removes, family, text) \
    {                                                                     \
        code,          name,                                              \
        ON_##severity, DIALECT_##dialects,                                \
        PN_FIX_##fix,  PN_REMOVES_##removes,                              \
        text                                                              \
    },
#include "analysis/lint/checks.def"
#undef X
};

/* How many bytes a word begins with as a code does, whatever their case. */
static size_t
common_front(struct pn_str word, const char *code)
{
    size_t size = 0;

    while (size < word.len && code[size] && pn_upper(word.ptr[size]) == code[size])
        size++;
    return size;
}

bool
pn_check_is_front(struct pn_str word)
{
    return (word.len == 2 || word.len == 3) && pn_upper(word.ptr[0]) == 'P' &&
           pn_check_named(word, NULL, NULL);
}

size_t
pn_check_named(struct pn_str word, void (*take)(void *payload, enum pn_check check),
               void *payload)
{
    bool is_code = word.len >= 2 && word.len <= 4;
    size_t count = 0;

    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        const struct pn_check_info *info = &pn_check_info[c];
        bool named = pn_edits(word, pn_str_of_text(info->name)) == 0;

        if (!named && !(is_code && common_front(word, info->code) == word.len))
            continue;
        count++;
        if (take)
            take(payload, c);
    }
    return count;
}

const char *
pn_check_near(struct pn_str word)
{
    const char *first = NULL; /* of the codes that begin as long as the word does */
    struct pn_nearest nearest;
    size_t longest = 1;

    pn_nearest_begin(&nearest, word);
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        const struct pn_check_info *info = &pn_check_info[c];
        size_t front = common_front(word, info->code);

        pn_nearest_offer(&nearest, pn_str_of_text(info->name));
        pn_nearest_offer(&nearest, pn_str_of_text(info->code));
        if (front > longest) {
            longest = front;
            first = info->code;
        }
    }
    return nearest.best.ptr ? nearest.best.ptr : first;
}
