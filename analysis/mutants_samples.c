/* One address and one name of each kind that rules without ident tell apart. */
#include "analysis/mutants_trial_parts.h"

#include "base/memory.h"
#include "base/vector.h"

static const struct pn_swap no_swap = PN_SWAP_NONE;

unsigned
pn_keys_marks(struct pn_key_table table)
{
    unsigned marks = 0;

    for (size_t i = 0; i < table.count; i++)
        if (table.items[i].kind != PN_KEY_NAME)
            marks |= PN_KEYED_ADDRESSES;
        else if (table.items[i].prefix.start < PN_NAME_ABSENT)
            marks |= PN_KEYED_NAMES;
    return marks;
}

static bool
marks_make(struct pn_trial *trial)
{
    const struct pn_key_table *table = &trial->keys.table;

    trial->samples.marks = pn_calloc(trial->keys.base_groups + 1, 1);
    for (size_t i = 0; trial->samples.marks && i < table->count; i++)
        trial->samples.marks[table->items[i].group] |=
            (uint8_t)pn_keys_marks((struct pn_key_table){ &table->items[i], 1 });
    return trial->samples.marks != NULL;
}

/* An outcome and 1; 0 for no rule. */
static uint32_t
slot_of(const struct pn_trial *trial, uint32_t rule)
{
    return rule == PN_RULE_NONE ? 0 : trial->classes[rule] + 1;
}

/* Is a signature of rules, two of each group, a new one? */
static bool
is_new(const struct pn_trial *trial, struct pn_intern *seen, uint32_t rules[4],
       bool *failed)
{
    size_t before = seen->count;
    uint32_t number;

    for (size_t i = 0; i < 4; i++)
        rules[i] = slot_of(trial, rules[i]);
    *failed |= !pn_intern_add(seen, rules, 4 * sizeof(*rules), &number);
    return seen->count > before;
}

static bool
places_add(struct pn_trial *trial, uint8_t family, struct pn_intern *seen)
{
    struct pn_samples *s = &trial->samples;
    struct pn_probe probe = { family, 0, PN_GROUP_NO_IDENT, NULL };
    struct pn_place place = { family, 0, 0 };
    bool failed = false;

    do {
        uint32_t rules[4];

        probe.address = place.first;
        place.last =
            pn_keys_reach(&trial->keys, &no_swap, &probe, pn_host_mask(family, 0));
        if (family == 6 && pn_number_is_mapped(place.first) &&
            place.last > PN_MAPPED_LAST)
            place.first = PN_MAPPED_LAST + 1; /* those are asked for as IPv4 */
        pn_keys_address(&trial->keys, PN_GROUP_BLOCKS, &probe, rules);
        pn_keys_address(&trial->keys, PN_GROUP_NO_IDENT, &probe, rules + 2);
        if ((family != 6 || !pn_number_is_mapped(place.first)) &&
            is_new(trial, seen, rules, &failed))
            failed |= !pn_vector_add(&s->places, &s->place_count, &s->place_capacity,
                                     &place, sizeof(place));
        place.first = place.last + 1;
    } while (!failed && place.last != pn_host_mask(family, 0));
    return !failed;
}

void
pn_fresh_host(struct pn_buffer *out, struct pn_str suffix, pn_taken_fn taken,
              const void *payload)
{
    for (unsigned n = 0; !out->failed; n++) {
        out->size = 0;
        pn_buffer_add_text(out, "x");
        if (n)
            pn_buffer_add_format(out, "%u", n);
        pn_buffer_add(out, suffix.ptr, suffix.len);
        if (out->failed || !taken(payload, pn_str_of(out)))
            return;
    }
}

static bool
is_taken(const void *payload, struct pn_str name)
{
    const struct pn_keys *keys = payload;
    uint32_t number;

    return pn_intern_find(&keys->space->names, name.ptr, name.len, &number) &&
           number < keys->base_names;
}

static bool
name_add(struct pn_trial *trial, uint32_t name, struct pn_buffer *text,
         struct pn_intern *seen)
{
    struct pn_samples *s = &trial->samples;
    struct pn_str host = pn_intern_text(&trial->keys.space->names, name);
    struct pn_host_words words;
    bool failed = false;
    uint32_t rules[4];

    if (pn_name_is_suffix(host.ptr, host.len)) {
        pn_fresh_host(text, host, is_taken, &trial->keys);
        if (text->failed)
            return false;
        host = pn_str_of(text);
    }
    pn_host_words_find(&words, trial->keys.space, host);
    pn_keys_host(&trial->keys, PN_GROUP_BLOCKS, &words.named, rules);
    pn_keys_host(&trial->keys, PN_GROUP_NO_IDENT, &words.named, rules + 2);
    if (is_new(trial, seen, rules, &failed))
        failed |= !pn_vector_add(&s->names, &s->name_count, &s->name_capacity, &name,
                                 sizeof(name));
    return !failed;
}

bool
pn_samples_make(struct pn_trial *trial)
{
    struct pn_intern places = { 0 }, names = { 0 };
    struct pn_buffer text = { 0 };
    bool good = marks_make(trial) && places_add(trial, 4, &places) &&
                places_add(trial, 6, &places);

    for (uint32_t i = 0; good && i < trial->keys.base_names; i++)
        good = name_add(trial, i, &text, &names);
    pn_intern_clear(&places);
    pn_intern_clear(&names);
    pn_buffer_free(&text);
    return good;
}

void
pn_samples_clear(struct pn_samples *samples)
{
    pn_free(samples->places);
    pn_free(samples->names);
    pn_free(samples->marks);
}
