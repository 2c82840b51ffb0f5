/* Edits of findings, in the order of their places, put into drafts. */
#include <stdlib.h>

#include "tools/fix_round.h"

/* An edit of a chosen finding. */
struct cut {
    size_t finding; /* in round->chosen */
    const struct pn_edit *edit;
};

static int
by_place(const void *left, const void *right)
{
    const struct cut *a = left, *b = right;

    if (a->edit->file != b->edit->file)
        return a->edit->file < b->edit->file ? -1 : 1;
    if (a->edit->span.offset != b->edit->span.offset)
        return a->edit->span.offset < b->edit->span.offset ? -1 : 1;
    if (a->edit->span.size != b->edit->span.size)
        return a->edit->span.size > b->edit->span.size ? -1 : 1;
    return (a->finding > b->finding) - (a->finding < b->finding);
}

/* Findings whose edits touch those of another are left for the next round. */
static void
drop_touching(const struct cut *cuts, size_t count, bool *dropped)
{
    uint32_t end = 0, file = UINT32_MAX;
    size_t owner = 0;

    for (size_t i = 0; i < count; i++) {
        const struct pn_edit *e = cuts[i].edit;

        if (dropped[cuts[i].finding])
            continue;
        if (e->file == file && e->span.offset < end && cuts[i].finding != owner) {
            dropped[cuts[i].finding] = true;
            continue;
        }
        file = e->file;
        end = e->span.offset + e->span.size;
        owner = cuts[i].finding;
    }
}

static bool
apply(const struct pn_fix_round *r, const struct cut *cuts, size_t count,
      const bool *dropped, struct pn_drafts *out)
{
    for (size_t i = 0, end; i < count; i = end) {
        uint32_t file = cuts[i].edit->file, at = 0;
        const struct pn_source *source = pn_unit_source(&r->loaded.unit, file);
        struct pn_buffer text = { 0 };
        struct pn_draft *draft;

        for (end = i; end < count && cuts[end].edit->file == file; end++) {
            const struct pn_edit *e = cuts[end].edit;

            if (dropped[cuts[end].finding] || e->span.offset < at)
                continue;
            pn_buffer_add(&text, source->text + at, e->span.offset - at);
            if (e->text_size)
                pn_buffer_add(&text, pn_report_text(&r->report, e->text), e->text_size);
            at = e->span.offset + e->span.size;
        }
        pn_buffer_add(&text, source->text + at, source->size - at);
        draft = pn_drafts_get(out, source);
        if (!draft || text.failed) {
            pn_buffer_free(&text);
            return false;
        }
        pn_buffer_free(&draft->text);
        draft->text = text;
    }
    return true;
}

bool
pn_fix_drafts_make(const struct pn_fix_round *r, size_t take, struct pn_drafts *out,
                   size_t *used)
{
    size_t total = 0, count = 0;
    struct cut *cuts;
    bool *dropped, good;

    for (size_t i = 0; i < take; i++)
        total += r->report.items[r->chosen[i]].edit_count;
    cuts = malloc((total + 1) * sizeof(*cuts));
    dropped = calloc(take + 1, sizeof(*dropped));
    good = cuts && dropped && pn_drafts_copy(r->drafts, out);
    for (size_t i = 0; i < take && good; i++) {
        const struct pn_finding *f = &r->report.items[r->chosen[i]];

        for (size_t k = 0; k < f->edit_count; k++)
            cuts[count++] = (struct cut){ i, &r->report.edits[f->first_edit + k] };
    }
    if (good && count) {
        qsort(cuts, count, sizeof(*cuts), by_place);
        drop_touching(cuts, count, dropped);
        good = apply(r, cuts, count, dropped, out);
    }
    *used = 0;
    for (size_t i = 0; i < take && dropped; i++)
        *used += !dropped[i];
    free(cuts);
    free(dropped);
    return good;
}
