/*
 * What `ipset save` writes: sets of addresses and of networks, of which the longest
 * entry decides, a `nomatch` one that who it has is not in the set.
 */
#include <stdio.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/sets.h"
#include "interop/table.h"

/* A set that is meant. */
struct set {
    struct pn_str name;
    uint8_t family;
    unsigned netmask; /* of what is in it; the whole length without one */
};

struct reading {
    struct pn_import *import;
    struct pn_sets_meant meant;
    struct set sets[PN_FAMILIES];
    size_t set_count;
    struct pn_ordered entries;
    size_t line;
};

/* A call of its own: as a part of the code, the end of a word is taken for a text of
 * the program that is misspelt. */
__attribute__((noinline)) static bool
is_word(struct pn_str word, const char *text)
{
    return pn_str_is(word, text);
}

static bool
type_is_read(struct pn_str type)
{
    return is_word(type, "hash:ip") || is_word(type, "hash:net") ||
           is_word(type, "bitmap:ip");
}

/* One of each family, by other names; what is a map of bits there has to say its range,
 * and is a table of addresses too. */
static void
set_native(struct reading *r, const struct set *set, struct pn_str type)
{
    char netmask[32] = "";

    if (set->netmask != UINT8_MAX)
        snprintf(netmask, sizeof(netmask), " netmask %u", set->netmask);
    pn_import_native(r->import, "create postern%u %s family %s maxelem 16777216%s",
                     set->family, is_word(type, "hash:net") ? "hash:net" : "hash:ip",
                     set->family == 4 ? "inet" : "inet6", netmask);
}

/* "create NAME TYPE OPTION VALUE ..." */
static void
set_create(struct reading *r, struct pn_str rest)
{
    struct pn_str name = pn_import_word(&rest), type = pn_import_word(&rest);
    struct set set = { .name = name, .family = 4, .netmask = UINT8_MAX };
    bool is_meant;

    while (rest.len) {
        struct pn_str option = pn_import_word(&rest);

        if (is_word(option, "family"))
            set.family = is_word(pn_import_word(&rest), "inet6") ? 6 : 4;
        else if (is_word(option, "netmask") &&
                 !pn_list_number_read(pn_import_word(&rest), &set.netmask))
            pn_import_error(r->import, 0, r->line, "the netmask is no number");
    }
    if (!type_is_read(type)) {
        if (r->import->wants.name && is_word(name, r->import->wants.name))
            pn_import_error(r->import, 0, r->line,
                            "a set of type %.*s has more than addresses",
                            (int)(type.len < 80 ? type.len : 80), type.ptr);
        return;
    }
    is_meant =
        pn_set_ask(&r->meant, r->import, r->line, name, set.family) == PN_SET_MEANT;
    if (is_meant && r->set_count < PN_FAMILIES) {
        r->sets[r->set_count++] = set;
        set_native(r, &set, type);
    } else if (is_meant)
        pn_import_error(r->import, 0, r->line, "the set is created again");
}

static const struct set *
set_find(const struct reading *r, struct pn_str name)
{
    for (size_t i = 0; i < r->set_count; i++)
        if (r->sets[i].name.len == name.len &&
            memcmp(r->sets[i].name.ptr, name.ptr, name.len) == 0)
            return &r->sets[i];
    return NULL;
}

/* A text in quotes, or a word: what is in it is for people. */
static void
comment_pass(struct pn_str *rest)
{
    if (rest->len && *rest->ptr == '"') {
        *rest = pn_str_from(*rest, 1);
        (void)pn_str_cut(rest, '"');
    } else {
        (void)pn_import_word(rest);
    }
}

/* "flush NAME", or of all sets: what was added before is not there. */
static void
set_flush(struct reading *r, struct pn_str rest)
{
    const struct pn_str name = pn_import_word(&rest);
    const struct set *set = set_find(r, name);
    size_t kept = 0;

    for (size_t i = 0; i < r->entries.count; i++)
        if (name.len && (!set || r->entries.items[i].family != set->family))
            r->entries.items[kept++] = r->entries.items[i];
    r->entries.count = kept;
    if (!name.len)
        pn_import_native(r->import, "flush");
    else if (set)
        pn_import_native(r->import, "flush postern%u", set->family);
}

/* "add NAME ENTRY [nomatch] [timeout N] ..." */
static void
entry_add(struct reading *r, struct pn_str rest)
{
    const struct set *set = set_find(r, pn_import_word(&rest));
    struct pn_str entry = pn_import_word(&rest), seconds;
    bool allow = r->import->wants.listed_allow;
    struct pn_ordered_rule rule = { .allows = allow, .line = r->line };

    if (!set)
        return;
    if (!pn_table_entry_read(entry, &rule) || rule.family != set->family ||
        (set->netmask < pn_family_bits(set->family) &&
         !pn_table_prefix_set(entry, set->netmask, &rule))) {
        pn_import_error(r->import, 0, r->line, "\"%.*s\" is no address of IPv%u",
                        (int)(entry.len < 80 ? entry.len : 80), entry.ptr, set->family);
        return;
    }
    while (rest.len) {
        struct pn_str option = pn_import_word(&rest);

        if (is_word(option, "nomatch"))
            rule.allows = !allow;
        if (is_word(option, "comment"))
            comment_pass(&rest);
        if (!is_word(option, "timeout"))
            continue;
        seconds = pn_import_word(&rest);
        if (!is_word(seconds, "0"))
            pn_import_note(r->import, 0, r->line,
                           "it ends in %.*s seconds there: here it stays",
                           (int)(seconds.len < 20 ? seconds.len : 20), seconds.ptr);
    }
    pn_import_native(r->import, "add postern%u %.*s%s", set->family,
                     PN_IMPORT_TEXT_OF(entry), rule.allows != allow ? " nomatch" : "");
    r->import->failed |= !pn_ordered_add(&r->entries, rule);
}

void
pn_import_ipset(struct pn_import *import)
{
    struct pn_import_lines lines = pn_import_lines_of(&import->files[0]);
    struct reading r = { .import = import,
                         .entries = { .order = PN_ORDER_LONGEST_FIRST } };

    while (pn_import_line_next(&lines) && !import->failed) {
        struct pn_str rest = lines.line, command = pn_import_word(&rest);

        r.line = lines.number;
        if (is_word(command, "create") || is_word(command, "-N"))
            set_create(&r, rest);
        else if (is_word(command, "add") || is_word(command, "-A"))
            entry_add(&r, rest);
        else if (is_word(command, "flush") || is_word(command, "-F"))
            set_flush(&r, rest);
        else if (command.len && *command.ptr != '#' && !is_word(command, "COMMIT"))
            pn_import_error(import, 0, r.line, "\"%.*s\" is no command of a saved set",
                            (int)(command.len < 80 ? command.len : 80), command.ptr);
    }
    pn_sets_end(&r.meant, import);
    pn_set_write(&r.entries, import);
    pn_ordered_clear(&r.entries);
}
