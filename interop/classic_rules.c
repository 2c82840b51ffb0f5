/* What a key means is what the compiler takes it for. */
#include "interop/classic_rules.h"

#include "base/diagnostic.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/classic_rule.h"
#include "compiler/env_item.h"
#include "compiler/expand.h"
#include "compiler/literal.h"
#include "compiler/query_text.h"
#include "runtime/format/record.h"

enum { KEY_MAX = 512 }; /* longer than any address or name */

void
pn_classic_prefix_write(struct pn_buffer *out, pn_number first, uint8_t family,
                        unsigned length, bool is_address)
{
    struct postern_addr addr = pn_number_address(first, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    pn_buffer_add(out, text, postern_addr_spell(&addr, text));
    if (!is_address)
        pn_buffer_add_format(out, "/%u", length);
}

static void
target_begin(struct pn_buffer *out, const struct pn_str *ident)
{
    if (out->size)
        pn_buffer_add_text(out, ", ");
    if (ident)
        pn_ident_write(out, *ident);
}

/* Addresses that are mapped into IPv6 are asked for as IPv4. */
static void
group_write(const struct pn_space *space, uint32_t number, struct pn_buffer *out)
{
    const struct pn_group *group = &space->groups[number];
    bool has_ident = number >= PN_NATIVE_FIRST_GROUPS;
    struct pn_str ident =
        has_ident ? pn_intern_text(&space->idents, number - PN_NATIVE_FIRST_GROUPS)
                  : PN_STR("");

    for (unsigned side = 0; side < PN_FAMILIES; side++)
        for (size_t i = 0; i < group->prefixes[side].count; i++) {
            const struct pn_prefix *p = &group->prefixes[side].items[i];

            if (side == PN_V6 && p->length >= 96 && pn_number_is_mapped(p->start))
                continue;
            target_begin(out, has_ident ? &ident : NULL);
            pn_classic_prefix_write(out, p->start, pn_family_at(side), p->length,
                                    p->is_address);
        }
    for (size_t i = 0; i < group->host_count; i++) {
        target_begin(out, has_ident ? &ident : NULL);
        pn_buffer_add_text(out, "=");
        pn_buffer_add_str(out, pn_intern_text(&space->names, group->hosts[i].name));
    }
    if (group->any_host != PN_RULE_NONE) {
        target_begin(out, NULL);
        pn_buffer_add_text(out, "=");
    }
    if (group->fallback != PN_RULE_NONE) {
        target_begin(out, NULL);
        pn_buffer_add_text(out, "*");
    }
}

/* DNS has names that the language cannot say. */
static bool
is_sayable(const struct pn_space *space)
{
    for (uint32_t i = 0; i < space->names.count; i++) {
        struct pn_str name = pn_intern_text(&space->names, i);

        if (!pn_host_is_sayable(
                pn_str_from(name, pn_name_is_suffix(name.ptr, name.len))))
            return false;
    }
    return true;
}

/* A key of several blocks is longer than each of them where another key has it too. */
static bool
is_spelt(const struct pn_space *space)
{
    const struct pn_group *all = &space->groups[PN_GROUP_NO_IDENT];

    for (size_t i = 0; i < all->prefixes[PN_V6].count; i++)
        if (all->prefixes[PN_V6].items[i].rank_length !=
            all->prefixes[PN_V6].items[i].length)
            return true;
    return all->spelt_count;
}

enum pn_classic_meaning
pn_classic_target_write(struct pn_str key, struct pn_buffer *out)
{
    enum pn_classic_meaning meaning = PN_CLASSIC_NOBODY;
    struct pn_space space;
    size_t before = out->size;

    if (key.len > KEY_MAX)
        return meaning;
    pn_space_begin(&space);
    if (!space.failed && pn_classic_key_add(&space, key, 0) && !space.failed) {
        meaning = !is_sayable(&space) ? PN_CLASSIC_UNSAID
                  : is_spelt(&space)  ? PN_CLASSIC_SPELT
                                      : PN_CLASSIC_TARGET;
        for (uint32_t i = 0; i < space.group_count && meaning == PN_CLASSIC_TARGET; i++)
            group_write(&space, i, out);
        if (meaning == PN_CLASSIC_TARGET && out->size == before)
            meaning = PN_CLASSIC_NOBODY;
    }
    if (space.failed || out->failed)
        meaning = PN_CLASSIC_MEMORY;
    pn_space_clear(&space);
    return meaning;
}

/* Only the last number may be a range of ours, and has to be one of several. */
bool
pn_classic_range_write(struct pn_str address, struct pn_buffer *out)
{
    struct pn_expansion range = { .ranged = false };

    if (!pn_expand(address, &range) || !range.ranged || range.low >= range.high ||
        (range.back.len && !pn_str_is(range.back, ".")))
        return false;
    pn_buffer_add_str(out, range.front);
    pn_buffer_add_format(out, "%llu-%llu", range.low, range.high);
    pn_buffer_add_str(out, range.back);
    return true;
}

/* The assignments of a value. */
struct assignments {
    struct assignment {
        struct pn_str name, value;
        bool is_last; /* of its name, which is the one that counts */
    } * items;
    size_t count, capacity;
    bool denies, failed;
};

static void
assignments_read(struct pn_str value, struct assignments *out)
{
    const uint8_t *at = (const uint8_t *)(value.len ? value.ptr : ""),
                  *end = at + value.len;
    struct pn_item item;

    while (pn_record_next(&at, end, &item)) {
        struct assignment row = { .is_last = true };

        out->denies |= pn_record_denies(item);
        if (!item.size || *item.bytes != '+')
            continue;
        row.value = (struct pn_str){ (const char *)item.bytes + 1, item.size - 1 };
        row.name = pn_str_cut(&row.value, '=');
        out->failed |=
            !pn_vector_add(&out->items, &out->count, &out->capacity, &row, sizeof(row));
    }
}

static void
last_find(struct assignments *all)
{
    struct pn_intern names = { { 0 }, NULL, 0, 0, NULL, 0 };

    for (size_t i = all->count; i-- && !all->failed;) {
        size_t before = names.count;
        uint32_t number;

        all->failed |= !pn_intern_add(&names, all->items[i].name.ptr,
                                      all->items[i].name.len, &number);
        all->items[i].is_last = number == before;
    }
    pn_intern_clear(&names);
}

static void
assignment_write(struct pn_import *import, uint32_t file, size_t line,
                 const struct assignment *row, struct pn_buffer *out,
                 struct pn_buffer *items)
{
    if (!pn_import_variable_is(row->name) || !row->value.ptr) {
        pn_import_note(import, file, line, "\"%.*s\" is left out: it is no %s",
                       PN_IMPORT_QUOTED(row->name),
                       row->value.ptr ? "name of a variable" : "assignment");
        return;
    }
    pn_buffer_add_text(out, ", ");
    pn_buffer_add_str(out, row->name);
    pn_buffer_add_text(out, "=");
    pn_import_value(out, row->value);
    import->failed |= !pn_env_item_add(items, row->name, row->value);
}

void
pn_classic_targets_write(struct pn_classic_rules *rules, uint32_t file, size_t line,
                         struct pn_str targets, struct pn_str value)
{
    struct pn_import *import = rules->import;
    struct assignments all = { .items = NULL };
    struct pn_buffer row = { 0 }, items = { 0 };
    enum pn_diag_id fault;

    assignments_read(value, &all);
    if (all.count > 1)
        last_find(&all);
    pn_buffer_add_str(&row, targets);
    pn_buffer_add_text(&row, all.denies ? " : deny" : " : allow");
    for (size_t i = 0; i < all.count && !all.denies; i++)
        if (all.items[i].is_last)
            assignment_write(import, file, line, &all.items[i], &row, &items);
    fault = items.size ? pn_env_items_fault(items.bytes, items.size) : PN_DIAG_NONE;
    if (fault != PN_DIAG_NONE)
        pn_import_error(import, file, line, "%s", pn_diag_info[fault].text);
    rules->has_default |= pn_str_is(targets, "*");
    import->failed |= all.failed || row.failed;
    if (!import->failed)
        pn_import_statement(import, file, line, pn_str_of(&row));
    pn_buffer_free(&row);
    pn_buffer_free(&items);
    pn_free(all.items);
}

bool
pn_classic_key_is_new(struct pn_classic_rules *rules, struct pn_str key, uint32_t file,
                      size_t line)
{
    size_t before = rules->seen.count;
    uint32_t number;

    if (!pn_intern_add(&rules->seen, key.len ? key.ptr : "", key.len, &number)) {
        rules->import->failed = true;
        return false;
    }
    if (number == before)
        return true;
    pn_import_note(rules->import, file, line,
                   "no client comes to \"%.*s\" here: the first rule of it counts",
                   PN_IMPORT_QUOTED(key));
    return false;
}

void
pn_classic_rule_write(struct pn_classic_rules *rules, uint32_t file, size_t line,
                      struct pn_str key, struct pn_str ranged, struct pn_str value)
{
    struct pn_buffer targets = { 0 };

    switch (pn_classic_target_write(key, &targets)) {
    case PN_CLASSIC_TARGET:
        pn_classic_targets_write(rules, file, line,
                                 ranged.len ? ranged : pn_str_of(&targets), value);
        break;
    case PN_CLASSIC_NOBODY:
        pn_import_note(rules->import, file, line,
                       "\"%.*s\" matches nobody: no look-up asks for it",
                       PN_IMPORT_QUOTED(ranged.len ? ranged : key));
        break;
    case PN_CLASSIC_SPELT:
        pn_import_error(rules->import, file, line,
                        "\"%.*s\" is looked up as text, for which ours has no word: "
                        "write the prefix that is meant, as 2001:db8:",
                        PN_IMPORT_QUOTED(key));
        break;
    case PN_CLASSIC_UNSAID:
        pn_import_error(rules->import, file, line,
                        "\"%.*s\" is a name that ours cannot say",
                        PN_IMPORT_QUOTED(key));
        break;
    case PN_CLASSIC_MEMORY:
        rules->import->failed = true;
    }
    pn_buffer_free(&targets);
}

void
pn_classic_rules_end(struct pn_classic_rules *rules, uint32_t file)
{
    rules->import->at = (struct pn_str){ NULL, 0 };
    if (!rules->has_default)
        pn_import_statement(rules->import, file, 0, PN_STR("* : allow"));
    pn_intern_clear(&rules->seen);
}
