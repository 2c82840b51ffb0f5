/* Rows are found by code, by the beginning of one, or by name. */
#include "analysis/lint/checks.h"

#include <string.h>

enum { NAME_MAX_SIZE = 64 }; /* of words that are compared with names */

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

size_t
pn_check_named(struct pn_str word, void (*take)(void *payload, enum pn_check check),
               void *payload)
{
    bool is_code = word.len >= 2 && word.len <= 4 && word.ptr[0] == 'P';
    size_t count = 0;

    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        const struct pn_check_info *info = &pn_check_info[c];
        bool named = pn_str_is(word, info->name);

        if (!named && !(is_code && memcmp(info->code, word.ptr, word.len) == 0))
            continue;
        count++;
        if (take)
            take(payload, c);
    }
    return count;
}

/* The number of bytes to insert, delete or replace (V. I. Levenshtein, 1966). */
static size_t
distance(struct pn_str a, const char *b)
{
    size_t row[NAME_MAX_SIZE + 1], len = strlen(b);

    if (len > NAME_MAX_SIZE)
        return SIZE_MAX;
    for (size_t k = 0; k <= len; k++)
        row[k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t k = 1; k <= len; k++) {
            size_t best = corner + (a.ptr[i - 1] != b[k - 1]);

            corner = row[k];
            best = row[k] + 1 < best ? row[k] + 1 : best;
            row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
        }
    }
    return row[len];
}

const char *
pn_check_near(struct pn_str word)
{
    const char *best = pn_check_info[0].name;
    size_t least = SIZE_MAX;

    if (word.len > NAME_MAX_SIZE)
        word.len = NAME_MAX_SIZE;
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        size_t by_name = distance(word, pn_check_info[c].name);
        size_t by_code = distance(word, pn_check_info[c].code);

        if (by_name < least) {
            least = by_name;
            best = pn_check_info[c].name;
        }
        if (by_code < least) {
            least = by_code;
            best = pn_check_info[c].code;
        }
    }
    return best;
}
