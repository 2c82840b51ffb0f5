/*
 * Files of patterns of haproxy: an ACL file has an address or a network on a line, a
 * map file a value behind it. Of a map the longest prefix decides, and of two that are
 * equal the first.
 */
#include "interop/table.h"

#include "compiler/list_words.h"

struct lines_seen {
    struct pn_address_table table;
    size_t first_key, first_pair;  /* lines of them, or 0 */
    struct pn_ordered_rule mapped; /* the longest of IPv6 that holds all of IPv4 */
    bool has_mapped;
};

static const pn_number mapped_first = (pn_number)0xffff << 32;

static void
mapped_look(struct lines_seen *seen, const struct pn_ordered_rule *rule)
{
    if (rule->family == 4 || rule->first > mapped_first ||
        rule->last < (mapped_first | UINT32_MAX))
        return;
    if (seen->has_mapped &&
        seen->mapped.last - seen->mapped.first <= rule->last - rule->first)
        return;
    seen->mapped = *rule;
    seen->has_mapped = true;
}

/* Who is in no network of IPv4, unless one holds all. */
static void
mapped_add(struct pn_import *import, struct lines_seen *seen)
{
    struct pn_ordered *entries = &seen->table.entries;
    struct pn_ordered_rule rule = seen->mapped;

    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].family == 4 && entries->items[i].last == UINT32_MAX &&
            !entries->items[i].first)
            return;
    rule.family = 4;
    rule.first = 0;
    rule.last = UINT32_MAX;
    import->failed |= seen->has_mapped && !pn_ordered_add(entries, rule);
}

static void
line_read(struct pn_import *import, struct lines_seen *seen, size_t number,
          struct pn_str text)
{
    struct pn_str value = text, key = pn_import_word(&value);
    struct pn_ordered_rule rule = { .line = number };

    if (memchr(key.ptr, '-', key.len) || !pn_table_entry_read(key, &rule)) {
        pn_import_error(import, 0, number, "\"%.*s\" is no address and no network",
                        (int)(key.len < 80 ? key.len : 80), key.ptr);
        return;
    }
    if (value.len) {
        rule.value = value;
        if (!seen->first_pair)
            seen->first_pair = number;
    } else {
        rule.allows = import->wants.listed_allow;
        if (!seen->first_key)
            seen->first_key = number;
    }
    pn_import_native(import, "%.*s%s%.*s", PN_IMPORT_TEXT_OF(key), value.len ? " " : "",
                     PN_IMPORT_TEXT_OF(value));
    mapped_look(seen, &rule);
    import->failed |= !pn_ordered_add(&seen->table.entries, rule);
}

void
pn_import_haproxy(struct pn_import *import)
{
    struct pn_import_lines lines = pn_import_lines_of(&import->files[0]);
    struct lines_seen seen = { .table = {
                                   .entries = { .order = PN_ORDER_LONGEST_FIRST } } };
    const char *name = import->wants.name ? import->wants.name : "value";

    while (pn_import_line_next(&lines) && !import->failed) {
        struct pn_str text = pn_list_trim(lines.line);

        if (text.len && *text.ptr != '#')
            line_read(import, &seen, lines.number, text);
    }
    mapped_add(import, &seen);
    if (seen.first_key && seen.first_pair)
        pn_import_error(import, 0, seen.first_key,
                        "there is no value here, and one in line %zu: a file is a map "
                        "or a list",
                        seen.first_pair);
    else if (seen.first_pair)
        pn_table_write(&seen.table, import, pn_str_of_text(name));
    else
        pn_set_write(&seen.table.entries, import);
    pn_table_clear(&seen.table);
}
