/*
 * What a policy decides for an address depends on the list entries around that address
 * alone, and of those on the longest prefix and the address by itself. Where two
 * policies decide otherwise, a rule decides in each; each of the two rules is
 * hand-written or has its address from one entry, and stays the one that decides when
 * all other entries are gone. So it is enough to try each pair of entries, at one
 * address of every stretch that hand-written text tells apart, and of the lengths that
 * rank otherwise: those that are written, and two between them. A list that is taken
 * out of something is tried full as well: that is the lowest rank, which hides nothing.
 */
#include "tools/fix_lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compiled.h"
#include "analysis/on_lists.h"
#include "base/vector.h"

enum { BITS_MAX = 128, BETWEEN = 2, TAKEN_OUT_MAX = 4, DIAGS_MAX = 1000 };

#define WORK_MAX ((size_t)20000000) /* entries that are compiled, all in all */

static const char everything[] = "0.0.0.0/0\n::/0\n";

struct starts {
    pn_number *items;
    size_t count, capacity;
};

/* What is tried: of each family an address a stretch, and the lengths that matter. */
struct trial {
    const struct pn_fix_operand *operand;
    struct pn_drafts *drafts[2]; /* before and after */
    char **paths;                /* of the lists; ours */
    struct pn_buffer *texts;     /* and what each of them holds now */
    size_t count, capacity;
    bool taken_out, apart; /* apart: IPv6 addresses differ by how they are written */
    struct starts starts[2];
    bool written[2][BITS_MAX + 1];
    uint8_t lengths[2][BITS_MAX + 1];
    size_t length_counts[2];
    size_t entries;
};

/* A reader of the drafts of one side, with these lists. */
struct side {
    const struct trial *trial;
    struct pn_drafts *drafts;
};

static bool
side_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    const struct side *side = payload;
    const struct trial *t = side->trial;

    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->paths[i], path) == 0) {
            struct pn_str text = { t->texts[i].size ? t->texts[i].bytes : "",
                                   t->texts[i].size };

            if (pn_source_from_text(out, path, text))
                return true;
            errno = ENOMEM;
            return false;
        }
    return pn_drafts_read(side->drafts, path, limit, out);
}

static bool
path_add(struct trial *t, const char *path)
{
    struct pn_buffer *texts;
    size_t capacity = t->capacity;

    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->paths[i], path) == 0)
            return true;
    if (!pn_vector_reserve(&t->paths, &capacity, t->count + 1, sizeof(*t->paths)))
        return false;
    texts = realloc(t->texts, capacity * sizeof(*texts));
    if (!texts)
        return false;
    t->texts = texts;
    t->capacity = capacity;
    t->texts[t->count] = (struct pn_buffer){ 0 };
    t->paths[t->count] = strdup(path);
    t->count += t->paths[t->count] != NULL;
    return t->count && strcmp(t->paths[t->count - 1], path) == 0;
}

static bool
start_add(struct trial *t, uint8_t family, pn_number start)
{
    struct starts *s = &t->starts[family == 6];

    if (family == 6 && start >> 32 == 0xffff)
        return true; /* IPv4 */
    if (!pn_vector_reserve(&s->items, &s->capacity, s->count + 1, sizeof(*s->items)))
        return false;
    s->items[s->count++] = start;
    return true;
}

/* Where stretches begin, and which lengths there are. */
static bool
prefixes_add(struct trial *t, const struct pn_prefixes *list, uint8_t family)
{
    pn_number all = pn_host_mask(family, 0);
    bool good = true;

    for (size_t i = 0; i < list->count && good; i++) {
        const struct pn_prefix *p = &list->items[i];
        pn_number last = pn_prefix_last(p, family);

        t->written[family == 6][p->length] = true;
        t->written[family == 6][p->rank_length] = true;
        good = start_add(t, family, p->start) &&
               (last == all || start_add(t, family, last + 1));
    }
    t->entries += list->count;
    return good;
}

static bool
space_add(struct trial *t, const struct pn_space *space)
{
    bool good = true;

    t->apart |= space->zones.count > 1;
    for (size_t g = 0; g < space->group_count && good; g++)
        good = prefixes_add(t, &space->groups[g].prefixes[PN_V4], 4) &&
               prefixes_add(t, &space->groups[g].prefixes[PN_V6], 6);
    return good;
}

static bool
program_add(struct trial *t, const struct pn_loaded_policy *loaded)
{
    const struct pn_names *names = &loaded->policy.names;
    struct pn_on_lists listed = { 0 };
    bool good = pn_on_lists_make(&listed, &loaded->unit, names);

    if (good)
        t->taken_out |= pn_on_lists_is_taken_out(&listed);
    pn_on_lists_clear(&listed);
    for (size_t i = 0; i < names->lists.count && good; i++)
        good = path_add(t, names->lists.items[i].path);
    return good && space_add(t, &loaded->policy.space);
}

/* Reads a side with its lists as they are now in the trial. */
static bool
side_load(struct trial *t, struct pn_drafts *drafts)
{
    struct side side = { t, drafts };
    struct pn_policy_options options = { .as_of = 0 };
    struct pn_diags diags = { .limit = DIAGS_MAX };
    struct pn_source root = { 0 };
    struct pn_loaded_policy loaded = { 0 };
    bool good = pn_drafts_read(drafts, t->operand->name, PN_SOURCE_SIZE_MAX, &root) &&
                pn_loaded_policy_load_by(
                    &loaded, &root, t->operand->tests, &options, &diags,
                    (struct pn_reading){ side_read, &side, pn_identify_file, 0 }) !=
                    PN_COMPILE_MEMORY &&
                program_add(t, &loaded);

    pn_loaded_policy_clear(&loaded);
    pn_diags_clear(&diags);
    pn_source_clear(&root);
    return good;
}

static int
by_number(const void *left, const void *right)
{
    const pn_number *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static void
starts_finish(struct starts *s)
{
    size_t kept = 0;

    if (!s->count)
        return;
    qsort(s->items, s->count, sizeof(*s->items), by_number);
    for (size_t i = 1; i < s->count; i++)
        if (s->items[i] != s->items[kept])
            s->items[++kept] = s->items[i];
    s->count = kept + 1;
}

static void
lengths_choose(struct trial *t, uint8_t family)
{
    size_t f = family == 6, between = 0;

    for (unsigned length = 0; length <= pn_family_bits(family); length++) {
        between = t->written[f][length] ? 0 : between + 1;
        if (between <= BETWEEN)
            t->lengths[f][t->length_counts[f]++] = (uint8_t)length;
    }
}

static bool
lists_fill(struct trial *t, const char *text)
{
    for (size_t i = 0; i < t->count; i++) {
        t->texts[i].size = 0;
        pn_buffer_add_text(&t->texts[i], text);
        if (t->texts[i].failed)
            return false;
    }
    return true;
}

/* The files are read as they are first, to learn which lists there are. */
static bool
trial_begin(struct trial *t)
{
    bool good = true;

    for (size_t side = 0; side < 2 && good; side++)
        good = side_load(t, t->drafts[side]);
    for (size_t f = 0; f < 2; f++)
        t->starts[f].count = 0;
    memset(t->written, 0, sizeof(t->written));
    t->entries = 0;
    good = good && lists_fill(t, everything);
    for (size_t side = 0; side < 2 && good; side++)
        good = side_load(t, t->drafts[side]);
    good = good && lists_fill(t, "");
    for (size_t side = 0; side < 2 && good; side++)
        good = side_load(t, t->drafts[side]);
    good = good && start_add(t, 4, 0) && start_add(t, 6, 0);
    for (size_t f = 0; f < 2 && good; f++) {
        starts_finish(&t->starts[f]);
        lengths_choose(t, f ? 6 : 4);
    }
    return good;
}

static void
trial_clear(struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->paths[i]);
        pn_buffer_free(&t->texts[i]);
    }
    free(t->paths);
    free(t->texts);
    free(t->starts[0].items);
    free(t->starts[1].items);
}

/* An entry is a length of each family, or behind the last an address by itself. */
static size_t
entry_count(const struct trial *t)
{
    size_t most = t->length_counts[0] > t->length_counts[1] ? t->length_counts[0]
                                                            : t->length_counts[1];

    return most + 1;
}

/* Lines that give each stretch an entry. */
static void
entries_write(const struct trial *t, size_t entry, struct pn_buffer *out)
{
    for (size_t f = 0; f < 2; f++) {
        uint8_t family = f ? 6 : 4;
        bool exact = entry >= t->length_counts[f];
        unsigned length = exact ? pn_family_bits(family) : t->lengths[f][entry];
        pn_number before = 0;

        for (size_t i = 0; i < t->starts[f].count; i++) {
            pn_number start = t->starts[f].items[i] & ~pn_host_mask(family, length);
            struct postern_addr addr = pn_number_address(start, family);
            char text[POSTERN_ADDR_TEXT_SIZE];

            if (i && start == before)
                continue;
            before = start;
            postern_addr_print(&addr, text);
            pn_buffer_add_format(out, exact ? "%s\n" : "%s/%u\n", text, length);
        }
    }
}

static bool
side_serve(const struct trial *t, struct side *side, struct pn_source *root,
           struct pn_compiled *out)
{
    const struct pn_compiled_options how = {
        .reading = { side_read, side, pn_identify_file, 0 }, .tests = t->operand->tests
    };

    *out = PN_COMPILED_NONE;
    return pn_drafts_read(side->drafts, t->operand->name, PN_SOURCE_SIZE_MAX, root) &&
           pn_compiled_make(out, root, &how);
}

/* Do both sides decide alike with what the lists hold now? */
static enum pn_same_result
try_once(const struct trial *t)
{
    struct side sides[2] = { { t, t->drafts[0] }, { t, t->drafts[1] } };
    struct pn_source roots[2] = { { 0 }, { 0 } };
    struct pn_compiled compiled[2] = { PN_COMPILED_NONE, PN_COMPILED_NONE };
    struct pn_difference difference = { 0 };
    struct pn_work work = pn_work_for(0);
    enum pn_same_result same = PN_UNKNOWN;

    if (side_serve(t, &sides[0], &roots[0], &compiled[0]) &&
        side_serve(t, &sides[1], &roots[1], &compiled[1])) {
        same = PN_OTHER;
        if (compiled[0].rules && compiled[1].rules) {
            if (pn_images_equivalent(pn_compiled_image(&compiled[0]),
                                     pn_compiled_image(&compiled[1]), &difference,
                                     &work) != POSTERN_OK)
                same = PN_UNKNOWN;
            else if (!difference.found)
                same = PN_SAME;
        }
    }
    pn_difference_clear(&difference);
    for (size_t i = 0; i < 2; i++) {
        pn_compiled_clear(&compiled[i]);
        pn_source_clear(&roots[i]);
    }
    return same;
}

/* The lists of `full` hold everything, the others nothing but an entry of each pair. */
static enum pn_same_result
pair_try(struct trial *t, unsigned full, const size_t *lists, const size_t *entries)
{
    for (size_t i = 0; i < t->count; i++) {
        t->texts[i].size = 0;
        if (full >> i & 1)
            pn_buffer_add_text(&t->texts[i], everything);
        for (size_t k = 0; k < 2; k++)
            if (lists[k] == i)
                entries_write(t, entries[k], &t->texts[i]);
        if (t->texts[i].failed) {
            errno = ENOMEM;
            return PN_UNKNOWN;
        }
    }
    return try_once(t);
}

/* Of one list, two prefixes are as the longer: an address goes with each. */
static enum pn_same_result
others_try(struct trial *t, unsigned full, size_t list, size_t entry)
{
    size_t count = entry_count(t);
    enum pn_same_result same = pair_try(t, full, (const size_t[]){ list, SIZE_MAX },
                                        (const size_t[]){ entry, 0 });

    if (same == PN_SAME && entry + 1 < count)
        same = pair_try(t, full, (const size_t[]){ list, list },
                        (const size_t[]){ entry, count - 1 });
    for (size_t other = list + 1; other < t->count && same == PN_SAME; other++)
        for (size_t e = 0; e < count && same == PN_SAME; e++)
            same = pair_try(t, full, (const size_t[]){ list, other },
                            (const size_t[]){ entry, e });
    return same;
}

static enum pn_same_result
all_try(struct trial *t, unsigned full)
{
    size_t count = entry_count(t);
    enum pn_same_result same = pair_try(t, full, (const size_t[]){ SIZE_MAX, SIZE_MAX },
                                        (const size_t[]){ 0, 0 });

    for (size_t list = 0; list < t->count && same == PN_SAME; list++)
        for (size_t e = 0; e < count && same == PN_SAME; e++)
            same = others_try(t, full, list, e);
    return same;
}

static bool
is_too_much(const struct trial *t)
{
    size_t states = t->count * entry_count(t), pairs = states * (states + 1) / 2 + 1;
    size_t size = t->entries + t->starts[0].count + t->starts[1].count + 1;

    return t->apart || (t->taken_out && t->count > TAKEN_OUT_MAX) || pairs > WORK_MAX ||
           (pairs << (t->taken_out ? t->count : 0)) > WORK_MAX / size;
}

enum pn_same_result
pn_fix_prove_lists(const struct pn_fix_operand *operand, struct pn_drafts *before,
                   struct pn_drafts *after)
{
    struct trial t = { .operand = operand, .drafts = { before, after } };
    enum pn_same_result same = PN_UNKNOWN;

    if (trial_begin(&t)) {
        unsigned last = t.taken_out && !is_too_much(&t) ? (1u << t.count) - 1 : 0;

        same = is_too_much(&t) ? PN_OTHER : PN_SAME;
        for (unsigned full = 0; full <= last && same == PN_SAME; full++)
            same = all_try(&t, full);
    }
    trial_clear(&t);
    return same;
}
