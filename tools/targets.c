/* The literals of the language, taken from arguments. */
#include "tools/targets.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

/* The addresses of a target as one range; false when it has none. */
static bool
extent_of(const struct pn_target *target, struct pn_extent *out)
{
    pn_number below;

    if (target->kind > PN_TARGET_RANGE || target->has_ident)
        return false;
    below = target->kind == PN_TARGET_PREFIXES
                ? pn_number_below(target->family, target->length)
                : 0;
    *out =
        (struct pn_extent){ target->first,
                            target->first + (target->count - 1) * (below + 1) + below,
                            target->family };
    if (target->kind == PN_TARGET_RANGE)
        out->last = target->last;
    return true;
}

bool
pn_extent_read(const char *text, struct pn_extent *out)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;
    bool good = pn_literal_target((struct pn_str){ text, strlen(text) }, &scratch,
                                  &target) == PN_DIAG_COUNT &&
                extent_of(&target, out);

    pn_buffer_free(&scratch);
    return good;
}

static void
address_add(struct pn_targets *t, const struct pn_extent *e)
{
    struct pn_hole hole = { e->first, e->last };
    struct pn_holes *to = &t->addresses;

    if (e->family == 6 &&
        pn_vector_reserve(&to->v6, &to->v6_capacity, to->v6_count + 1, sizeof(hole)))
        to->v6[to->v6_count++] = hole;
    else if (e->family == 4 && pn_vector_reserve(&to->v4, &to->v4_capacity,
                                                 to->v4_count + 1, sizeof(hole)))
        to->v4[to->v4_count++] = hole;
    else
        t->failed = true;
}

/* The text must not move any more: names point into it. */
static void
name_add(struct pn_targets *t, struct pn_str name)
{
    size_t at = t->text.size;

    pn_buffer_add(&t->text, name.ptr, name.len);
    if (t->text.failed || !pn_vector_reserve(&t->names, &t->name_capacity,
                                             t->name_count + 1, sizeof(*t->names)))
        t->failed = true;
    else
        t->names[t->name_count++] = (struct pn_str){ t->text.bytes + at, name.len };
}

static bool
word_add(struct pn_targets *t, struct pn_str word)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;
    struct pn_extent extent;
    bool good = pn_literal_target(word, &scratch, &target) == PN_DIAG_COUNT &&
                !target.has_ident && target.kind != PN_TARGET_SET;

    if (good && extent_of(&target, &extent))
        address_add(t, &extent);
    else if (good && target.kind == PN_TARGET_HOST)
        name_add(t, target.name);
    else if (good)
        t->everything = true;
    t->failed |= scratch.failed;
    pn_buffer_free(&scratch);
    return good;
}

bool
pn_targets_read(struct pn_targets *out, const char *text, const char **odd)
{
    *out = (struct pn_targets){ 0 };
    /* an A-label is longer than what it stands for: at most so many times */
    out->failed = !pn_buffer_reserve(&out->text, 8 * strlen(text) + 64);
    for (;;) {
        size_t len = strcspn(text, ","), front = strspn(text, " "), back = len;

        while (back > front && text[back - 1] == ' ')
            back--;
        if (front >= back ||
            !word_add(out, (struct pn_str){ text + front, back - front })) {
            *odd = text;
            return false;
        }
        if (!text[len])
            break;
        text += len + 1;
    }
    pn_holes_finish(&out->addresses);
    return true;
}

void
pn_targets_clear(struct pn_targets *targets)
{
    pn_holes_clear(&targets->addresses);
    free(targets->names);
    pn_buffer_free(&targets->text);
    *targets = (struct pn_targets){ 0 };
}
