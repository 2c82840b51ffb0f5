/* Both texts are compiled, and asked wherever they could differ. */
#include "tools/fix_proof.h"

#include <errno.h>

#include "analysis/compiled.h"
#include "tools/fix_lists.h"

/* Drafts as they would be served. */
struct compiled {
    struct pn_source root;
    struct pn_compiled by;
    size_t broken; /* expectations and proofs that do not hold */
    bool has_lists;
};

static void
count_broken(void *payload, const struct pn_prover *prover,
             const struct pn_proof *proof)
{
    (void)prover;
    *(size_t *)payload += !proof->holds;
}

/* False when the system fails; by.rules is NULL when they do not compile. */
static bool
serve(const struct pn_fix_operand *operand, struct pn_drafts *drafts,
      struct compiled *out)
{
    const struct pn_compiled_options how = { .reading = pn_drafts_reading(drafts),
                                             .tests = operand->tests };

    *out = (struct compiled){ .by = PN_COMPILED_NONE };
    if (!pn_drafts_read(drafts, operand->name, PN_SOURCE_SIZE_MAX, &out->root) ||
        !pn_compiled_make(&out->by, &out->root, &how))
        return false;
    if (out->by.rules &&
        pn_compiled_prove(&out->by, count_broken, &out->broken) != POSTERN_OK) {
        errno = ENOMEM;
        return false;
    }
    out->has_lists = out->by.loaded.policy.names.lists.count != 0;
    pn_compiled_drop_source(&out->by); /* two large policies at once are enough */
    return true;
}

static void
compiled_clear(struct compiled *compiled)
{
    pn_compiled_clear(&compiled->by);
    pn_source_clear(&compiled->root);
}

static enum pn_same_result
compiled_compare(const struct compiled *left, const struct compiled *right)
{
    struct pn_work work = pn_work_for(0);
    struct pn_difference difference = { 0 };
    enum postern_status status =
        pn_images_equivalent(pn_compiled_image(&left->by),
                             pn_compiled_image(&right->by), &difference, &work);
    bool found = difference.found || work.spent || right->broken > left->broken;

    pn_difference_clear(&difference);
    if (status != POSTERN_OK && !work.spent) { /* what takes too much is not proven */
        errno = ENOMEM;
        return PN_UNKNOWN;
    }
    return found ? PN_OTHER : PN_SAME;
}

enum pn_same_result
pn_fix_prove(const struct pn_fix_operand *operand, struct pn_drafts *before,
             struct pn_drafts *after)
{
    struct compiled left = { .by = PN_COMPILED_NONE },
                    right = { .by = PN_COMPILED_NONE };
    enum pn_same_result same = PN_UNKNOWN;
    bool has_lists;

    if (serve(operand, before, &left) &&
        (!left.by.rules || serve(operand, after, &right)))
        same = left.by.rules && right.by.rules ? compiled_compare(&left, &right)
                                               : PN_OTHER;
    has_lists = left.has_lists;
    compiled_clear(&left);
    compiled_clear(&right);
    if (same == PN_SAME && has_lists)
        same = pn_fix_prove_lists(operand, before, after);
    return same;
}

bool
pn_fix_is_concerned(const struct pn_fix_operand *operand,
                    const struct pn_drafts *before, const struct pn_drafts *after)
{
    for (size_t i = 0; i < after->count; i++) {
        const struct pn_draft *d = &after->items[i];
        uint32_t number;

        if (pn_draft_is_touched(d, before) &&
            pn_intern_find(&operand->files, d->key.bytes, d->key.size, &number))
            return true;
    }
    return false;
}
