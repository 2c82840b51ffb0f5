/*
 * The bans of fail2ban: an array of objects with jail, ip and ends, as the caller had
 * it of the database. One who is in two jails is banned once.
 */
#include <jansson.h>
#include <stdlib.h>

#include "interop/table.h"

/* What stands for no end is above it. */
static const double never_least = 1e15;

static const char *
text_of(const json_t *ban, const char *name)
{
    const char *text = json_string_value(json_object_get(ban, name));

    return text ? text : "";
}

static void
ban_add(struct pn_import *import, struct pn_ordered *bans, const json_t *ban)
{
    struct pn_ordered_rule rule = { .line = 0 };
    const char *ip = text_of(ban, "ip");

    if (!pn_table_entry_read(pn_str_of_text(ip), &rule))
        pn_import_error(import, 0, 0, "jail %.60s: \"%.80s\" is no address",
                        text_of(ban, "jail"), ip);
    else
        import->failed |= !pn_ordered_add(bans, rule);
}

static bool
is_wanted(const struct pn_import *import, const json_t *ban)
{
    return !import->wants.name || strcmp(text_of(ban, "jail"), import->wants.name) == 0;
}

static int
compare_rules(const void *left, const void *right)
{
    const struct pn_ordered_rule *a = left, *b = right;

    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->last > b->last) - (a->last < b->last);
}

/* Sorts them, and keeps one of those that are equal. */
static void
bans_unite(struct pn_ordered *bans)
{
    size_t kept = 0;

    if (bans->count)
        qsort(bans->items, bans->count, sizeof(*bans->items), compare_rules);
    for (size_t i = 0; i < bans->count; i++)
        if (!kept || compare_rules(&bans->items[kept - 1], &bans->items[i]) != 0)
            bans->items[kept++] = bans->items[i];
    bans->count = kept;
}

void
pn_import_fail2ban(struct pn_import *import)
{
    json_error_t error;
    json_t *all = json_loadb(import->files[0].text, import->files[0].size, 0, &error);
    struct pn_ordered bans = { .order = PN_ORDER_LONGEST };
    size_t i, found = 0, ending = 0;
    const json_t *ban;

    if (!json_is_array(all))
        pn_import_error(import, 0, 0, "sqlite3 printed no bans");
    json_array_foreach(all, i, ban)
    {
        if (!is_wanted(import, ban))
            continue;
        found++;
        ending += json_number_value(json_object_get(ban, "ends")) < never_least;
        ban_add(import, &bans, ban);
    }
    if (!found && import->wants.name)
        pn_import_note(import, 0, 0, "nobody is banned in a jail \"%.60s\"",
                       import->wants.name);
    if (ending)
        pn_import_note(import, 0, 0,
                       "%zu of %zu bans end by themselves there: here they stay",
                       ending, found);
    bans_unite(&bans);
    import->wants.listed_allow = false;
    pn_set_write(&bans, import);
    pn_ordered_clear(&bans);
    json_decref(all);
}
