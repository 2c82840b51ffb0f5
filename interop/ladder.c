/* Rules over addresses and names, cut into what no rule tells apart. */
#include "interop/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/vector.h"
#include "interop/ladder_work.h"
#include "interop/ordered.h"

/* What classes and atoms may come to, multiplied: beyond, an import is refused. */
enum { WORK_MAX = 1 << 24 };

bool
pn_ladder_pattern_add(struct pn_ladder *ladder, struct pn_ladder_pattern pattern)
{
    return pn_vector_add(&ladder->patterns, &ladder->pattern_count,
                         &ladder->pattern_capacity, &pattern, sizeof(pattern));
}

/* NULL without memory, which is remembered. */
static char *
text_copy(struct pn_ladder *ladder, struct pn_str text)
{
    char *copy;

    if (!ladder->names)
        ladder->names = pn_arena_new();
    copy = ladder->names ? pn_arena_zalloc(ladder->names, text.len + 1) : NULL;
    ladder->tails.failed |= !copy;
    if (copy && text.len)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

struct pn_str
pn_ladder_name(struct pn_ladder *ladder, struct pn_str name)
{
    char *copy = text_copy(ladder, name);

    for (size_t i = 0; copy && i < name.len; i++)
        copy[i] = pn_lower(copy[i]);
    return copy ? (struct pn_str){ copy, name.len } : PN_STR("");
}

struct pn_str
pn_ladder_ident(struct pn_ladder *ladder, struct pn_str ident)
{
    char *copy = text_copy(ladder, ident);

    return copy ? (struct pn_str){ copy, ident.len } : PN_STR("");
}

size_t
pn_ladder_names_add(struct pn_ladder *ladder, struct pn_import *import, uint32_t file,
                    struct pn_str text)
{
    struct pn_ladder_pattern pattern = { .kind = PN_LADDER_HOST };
    char dotted[256] = ".";

    pattern.name = pn_ladder_name(ladder, text);
    if (!pn_ladder_name_is(pattern.name)) {
        pn_import_note(import, file, 0, "\"%.*s\" matches nobody: it is no name",
                       PN_IMPORT_QUOTED(text));
        return 0;
    }
    for (size_t i = 0; i < pattern.name.len; i++)
        dotted[i + 1] = pattern.name.ptr[i];
    import->failed |= !pn_ladder_pattern_add(ladder, pattern);
    pattern.kind = PN_LADDER_SUFFIX;
    pattern.name =
        pn_ladder_name(ladder, (struct pn_str){ dotted, pattern.name.len + 1 });
    import->failed |= !pn_ladder_pattern_add(ladder, pattern);
    return 2;
}

bool
pn_ladder_rule_add(struct pn_ladder *ladder, struct pn_ladder_rule rule)
{
    const struct pn_ladder_pattern *patterns;
    size_t kept = 0;
    unsigned level = 0;

    if (!rule.count)
        return true;
    if (rule.count > ladder->pattern_count)
        return false; /* there was no memory for one of them */
    rule.patterns = ladder->pattern_count - rule.count;
    patterns = ladder->patterns + rule.patterns;
    while (kept < rule.count && patterns[kept].level <= level + !!kept) {
        level = patterns[kept].level; /* what excepts nothing means nothing */
        kept++;
    }
    ladder->pattern_count = rule.patterns + kept;
    rule.count = kept;
    return !kept || pn_vector_add(&ladder->rules, &ladder->rule_count,
                                  &ladder->rule_capacity, &rule, sizeof(rule));
}

void
pn_ladder_clear(struct pn_ladder *ladder)
{
    pn_free(ladder->patterns);
    pn_free(ladder->rules);
    pn_buffer_free(&ladder->tails);
    pn_arena_free(ladder->names);
    *ladder = (struct pn_ladder){ 0 };
}

void
pn_ladder_work_clear(struct pn_ladder_work *work)
{
    pn_free(work->classes);
    pn_free(work->atoms);
    pn_free(work->owners);
}

bool
pn_ladder_name_is(struct pn_str name)
{
    size_t label = 0;

    if (!name.len || name.len > 253)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == '.' ? !label
                     : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                         c == '_'))
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label;
}

/* Does a name end in a suffix, and is longer? */
static bool
is_below(struct pn_str name, struct pn_str suffix)
{
    return name.len > suffix.len &&
           pn_str_equal(pn_str_from(name, name.len - suffix.len), suffix);
}

/* By the names from their ends on, so that what lies below a suffix follows it. */
static int
compare_classes(const void *left, const void *right)
{
    const struct pn_name_class *a = left, *b = right;
    size_t x = a->name.len, y = b->name.len;

    while (x && y) {
        unsigned char c = (unsigned char)a->name.ptr[--x];
        unsigned char d = (unsigned char)b->name.ptr[--y];

        if (c != d)
            return c < d ? -1 : 1;
    }
    return (x > y) - (x < y);
}

static bool
class_add(struct pn_ladder_work *work, enum pn_ladder_kind kind, struct pn_str name)
{
    const struct pn_name_class row = { kind, name, PN_CLASS_OTHER };

    return pn_vector_add(&work->classes, &work->class_count, &work->class_capacity,
                         &row, sizeof(row));
}

static bool
classes_find(struct pn_ladder_work *work)
{
    const struct pn_ladder *ladder = work->ladder;
    size_t count = PN_CLASS_FIXED;

    if (!class_add(work, PN_LADDER_NAMELESS, PN_STR("")) ||
        !class_add(work, PN_LADDER_NAMED, PN_STR("")))
        return false;
    for (size_t i = 0; i < ladder->pattern_count; i++) {
        const struct pn_ladder_pattern *pattern = &ladder->patterns[i];

        if ((pattern->kind == PN_LADDER_HOST || pattern->kind == PN_LADDER_SUFFIX) &&
            !class_add(work, pattern->kind, pattern->name))
            return false;
    }
    qsort(work->classes + PN_CLASS_FIXED, work->class_count - PN_CLASS_FIXED,
          sizeof(*work->classes), compare_classes);
    for (size_t i = PN_CLASS_FIXED; i < work->class_count; i++) {
        uint32_t parent = (uint32_t)count - 1;

        if (count > PN_CLASS_FIXED &&
            pn_str_equal(work->classes[count - 1].name, work->classes[i].name))
            continue;
        while (parent >= PN_CLASS_FIXED &&
               (work->classes[parent].kind != PN_LADDER_SUFFIX ||
                !is_below(work->classes[i].name, work->classes[parent].name)))
            parent = work->classes[parent].parent;
        work->classes[count] = work->classes[i];
        work->classes[count++].parent =
            parent < PN_CLASS_FIXED ? PN_CLASS_OTHER : parent;
    }
    work->class_count = count;
    return true;
}

/* Does a pattern that looks at names match a class? */
static bool
pattern_has(const struct pn_ladder_pattern *pattern, const struct pn_name_class *row)
{
    switch (pattern->kind) {
    case PN_LADDER_ANY:
        return true;
    case PN_LADDER_NAMED:
        return row->kind != PN_LADDER_NAMELESS;
    case PN_LADDER_NAMELESS:
        return row->kind == PN_LADDER_NAMELESS;
    case PN_LADDER_HOST:
        return row->kind == PN_LADDER_HOST && pn_str_equal(row->name, pattern->name);
    case PN_LADDER_SUFFIX:
        return is_below(row->name, pattern->name) ||
               (row->kind == PN_LADDER_SUFFIX &&
                pn_str_equal(row->name, pattern->name));
    default:
        return false;
    }
}

static bool
everything_add(struct pn_address_set *set)
{
    for (unsigned side = 0; side < PN_FAMILIES; side++)
        if (!pn_intervals_add(&set->families[side], 0,
                              pn_host_mask(pn_family_at(side), 0)))
            return false;
    return true;
}

/* At which addresses a rule matches who is of a class, from the last level up. */
static bool
rule_set(const struct pn_ladder *ladder, const struct pn_ladder_rule *rule,
         const struct pn_name_class *row, struct pn_address_set *out)
{
    struct pn_address_set level = { 0 }, rest = { 0 };
    size_t i = rule->count;
    bool well = true;

    while (i && well) {
        const struct pn_ladder_pattern *patterns = ladder->patterns + rule->patterns;
        unsigned number = patterns[i - 1].level;

        for (; i && patterns[i - 1].level == number && well; i--) {
            const struct pn_ladder_pattern *pattern = &patterns[i - 1];
            unsigned side = pn_family_index(pattern->family);

            if (pattern->kind == PN_LADDER_ADDRESSES)
                well = pn_intervals_add(&level.families[side], pattern->first,
                                        pattern->last);
            else if (pattern_has(pattern, row))
                well = everything_add(&level);
        }
        pn_address_set_finish(&level);
        well = well && pn_address_set_without(out, &level, &rest);
        pn_address_set_clear(&rest);
        pn_address_set_clear(&level);
        if (i) {
            rest = *out;
            *out = (struct pn_address_set){ 0 };
        }
    }
    pn_address_set_clear(&rest);
    pn_address_set_clear(&level);
    return well;
}

/* The rule's spans for a class, as items of an order. */
static bool
rule_open(const struct pn_ladder_work *work, uint32_t number, size_t name_class,
          struct pn_ordered *ordered)
{
    struct pn_address_set set = { 0 };
    bool well = rule_set(work->ladder, &work->ladder->rules[number],
                         &work->classes[name_class], &set);

    for (unsigned side = 0; side < PN_FAMILIES && well; side++)
        for (size_t i = 0; i < set.families[side].count && well; i++)
            well = pn_ordered_add(
                ordered,
                (struct pn_ordered_rule){ .first = set.families[side].items[i].first,
                                          .last = set.families[side].items[i].last,
                                          .family = pn_family_at(side),
                                          .allows = false,
                                          .is_prefix = false,
                                          .file = 0,
                                          .line = number });
    pn_address_set_clear(&set);
    return well;
}

/* Where each rule decides for a class; the rules of the parts are those of the ladder.
 */
static bool
class_cut(const struct pn_ladder_work *work, size_t name_class,
          struct pn_ordered_parts *parts)
{
    struct pn_ordered ordered = { 0 };
    bool well = true;

    for (size_t i = 0; i < work->ladder->rule_count && well; i++)
        well = rule_open(work, (uint32_t)i, name_class, &ordered);
    well = well && pn_ordered_cut(&ordered, parts);
    for (size_t i = 0; i < parts->count && well; i++)
        parts->items[i].rule = (uint32_t)ordered.items[parts->items[i].rule].line;
    pn_ordered_clear(&ordered);
    return well;
}

/* The next atom: up to where the first part of a class ends. */
static bool
atom_add(struct pn_ladder_work *work, const struct pn_ordered_parts *parts, size_t *at,
         pn_number *first)
{
    struct pn_ladder_atom atom = { .first = *first };
    bool well = true;

    atom.family = parts[0].items[at[0]].family;
    atom.last = parts[0].items[at[0]].last;
    for (size_t i = 1; i < work->class_count; i++)
        if (parts[i].items[at[i]].last < atom.last)
            atom.last = parts[i].items[at[i]].last;
    for (size_t i = 0; i < work->class_count && well; i++) {
        well = pn_vector_add(&work->owners, &work->owner_count, &work->owner_capacity,
                             &parts[i].items[at[i]].rule, sizeof(uint32_t));
        at[i] += parts[i].items[at[i]].last == atom.last;
    }
    *first = atom.last == pn_host_mask(atom.family, 0) ? 0 : atom.last + 1;
    return well && pn_vector_add(&work->atoms, &work->atom_count, &work->atom_capacity,
                                 &atom, sizeof(atom));
}

/* An error, said once, where the work would not end. */
static bool
work_refuse(const struct pn_ladder_work *work)
{
    pn_import_error(work->import, 0, 0,
                    "so many names beside so many addresses are not read");
    return false;
}

bool
pn_ladder_cut(struct pn_ladder_work *work)
{
    struct pn_ordered_parts *parts = NULL;
    size_t *at = NULL;
    pn_number first = 0;
    bool well = classes_find(work);

    if (well && work->class_count > WORK_MAX / (work->ladder->pattern_count + 1))
        return work_refuse(work);
    parts = pn_calloc(work->class_count, sizeof(*parts));
    at = pn_calloc(work->class_count, sizeof(*at));
    well = well && parts && at;
    for (size_t i = 0; i < work->class_count && well; i++)
        well = class_cut(work, i, &parts[i]);
    while (well && at[0] < parts[0].count)
        if (work->owner_count + work->class_count > WORK_MAX)
            well = work_refuse(work);
        else
            well = atom_add(work, parts, at, &first);
    for (size_t i = 0; parts && i < work->class_count; i++)
        pn_free(parts[i].items);
    pn_free(parts);
    pn_free(at);
    work->import->failed |= !well && !work->import->has_errors;
    return well;
}

bool
pn_ladder_by_rule_make(const struct pn_ladder_work *work, struct pn_ladder_by_rule *out)
{
    size_t rules = work->ladder->rule_count, atoms = work->atom_count;

    out->starts = pn_calloc(rules + 2, sizeof(*out->starts));
    out->atoms = pn_calloc(atoms, sizeof(*out->atoms));
    if (!out->starts || !out->atoms)
        return false;
    for (size_t i = 0; i < atoms; i++)
        out->starts[pn_ladder_owner(work, i, PN_CLASS_NAMELESS) + 2]++;
    for (size_t i = 2; i < rules + 2; i++)
        out->starts[i] += out->starts[i - 1];
    for (size_t i = 0; i < atoms; i++)
        out->atoms[out->starts[pn_ladder_owner(work, i, PN_CLASS_NAMELESS) + 1]++] = i;
    return true;
}

bool
pn_ladder_hidden_tell(const struct pn_ladder_work *work)
{
    bool *used = pn_calloc(work->ladder->rule_count, sizeof(*used));

    for (size_t i = 0; used && i < work->owner_count; i++)
        used[work->owners[i]] = true;
    for (uint32_t i = 0; used && i < work->ladder->rule_count; i++) {
        const struct pn_ladder_rule *rule = &work->ladder->rules[i];

        work->import->at = rule->at;
        if (!used[i] && (rule->line || rule->is_own))
            pn_import_note(
                work->import, rule->file, rule->line,
                "no client comes to this rule: those %s decide for all of it",
                rule->is_own ? "before it" : "above");
    }
    pn_free(used);
    return used;
}
