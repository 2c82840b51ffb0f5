/* Edits as V. I. Levenshtein counts them (1966), and swapped neighbours as one. */
#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/ascii.h"

enum { BYTES_PER_EDIT = 3, FRONT_LEAST = 2 };

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool
same(char a, char b)
{
    return pn_lower(a) == pn_lower(b);
}

size_t
pn_edits(struct pn_str a, struct pn_str b)
{
    /* rows of the table of all fronts of the words: this one and the two before */
    size_t rows[3][PN_NEAREST_LEN_MAX + 1], *row = rows[0], *last = rows[1],
                                            *before = rows[2];

    if (a.len > PN_NEAREST_LEN_MAX || b.len > PN_NEAREST_LEN_MAX)
        return SIZE_MAX;
    for (size_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *free_row = before;

        before = last;
        last = row;
        row = free_row;
        row[0] = i;
        for (size_t k = 1; k <= b.len; k++) {
            bool is_same = same(a.ptr[i - 1], b.ptr[k - 1]);

            row[k] = least(last[k - 1] + !is_same, least(last[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && same(a.ptr[i - 1], b.ptr[k - 2]) &&
                same(a.ptr[i - 2], b.ptr[k - 1]))
                row[k] = least(row[k], before[k - 2] + 1);
        }
    }
    return row[b.len];
}

/* Is it the front of the other, or half of its bytes with the first and in order? */
static bool
shortens(struct pn_str brief, struct pn_str whole)
{
    size_t at = 0, front = 0;

    if (brief.len < FRONT_LEAST || brief.len > whole.len)
        return false;
    while (front < brief.len && same(brief.ptr[front], whole.ptr[front]))
        front++;
    for (size_t i = 0; i < whole.len && at < brief.len; i++)
        at += same(brief.ptr[at], whole.ptr[i]);
    return front == brief.len || (front && at == brief.len && brief.len > FRONT_LEAST &&
                                  brief.len * 2 >= whole.len);
}

void
pn_nearest_begin(struct pn_nearest *nearest, struct pn_str word)
{
    *nearest = (struct pn_nearest){ .word = word, .edits = SIZE_MAX };
}

void
pn_nearest_offer(struct pn_nearest *nearest, struct pn_str candidate)
{
    struct pn_str word = nearest->word;
    size_t longer = word.len > candidate.len ? word.len : candidate.len,
           most = longer / BYTES_PER_EDIT, edits;
    bool is_short = shortens(word, candidate) || shortens(candidate, word);

    if (longer > PN_NEAREST_LEN_MAX ||
        (!is_short && longer - least(word.len, candidate.len) > most))
        return; /* so many are missing alone */
    edits = pn_edits(word, candidate);
    if (edits > most && is_short)
        edits = most + 1; /* a slip of the hand is likelier */
    else if (edits > most)
        return;
    if (edits < nearest->edits) {
        nearest->edits = edits;
        nearest->best = candidate;
    }
}

const char *
pn_nearest_of(struct pn_str word, const char *const *words)
{
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, word);
    for (; *words; words++)
        pn_nearest_offer(&nearest, pn_str_of_text(*words));
    return nearest.best.ptr;
}
