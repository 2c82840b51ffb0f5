/*
 * The rules of s6-tcpserver-access: a folder of them, and the database that
 * s6-accessrules-cdb-from-fs makes of it. An address is asked for first, its longest
 * prefix before others; then the name, and its ends; whoever is in neither is denied.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/ladder.h"
#include "interop/records.h"
#include "interop/rule_variables.h"

/* In the order in which they are asked. */
enum step { STEP_ADDRESS, STEP_NAME, STEP_NAMED };

/* What a rule says, of the files of its folder or of its record. */
struct rule {
    struct pn_str type, key;
    struct pn_str at;          /* in a database, its key */
    uint32_t file, first, end; /* that says it, and all of its folder */
    struct pn_str env;         /* of a record: assignments, each with a NUL */
    bool allows, denies, runs;
    enum step step;
    struct pn_import_prefix prefix;
};

struct rules {
    struct pn_import *import;
    struct rule *items;
    size_t count, capacity;
};

static int
compare_rules(const void *left, const void *right)
{
    const struct rule *a = left, *b = right;

    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    if (a->step == STEP_ADDRESS && a->prefix.length != b->prefix.length)
        return a->prefix.length > b->prefix.length ? -1 : 1;
    if (a->step == STEP_NAME && a->key.len != b->key.len)
        return a->key.len > b->key.len ? -1 : 1;
    return pn_str_compare(a->key, b->key);
}

/* "ADDRESS_LENGTH" in the one spelling that is looked up. */
static bool
prefix_read(struct pn_str key, uint8_t family, struct pn_import_prefix *out)
{
    struct pn_str length = key, front = pn_str_cut(&length, '_');
    struct postern_addr addr;
    char text[POSTERN_ADDR_TEXT_SIZE];

    if (!postern_addr_parse(front.ptr, front.len, &addr) || addr.family != family ||
        postern_addr_print(&addr, text) != front.len ||
        memcmp(text, front.ptr, front.len) != 0 ||
        !pn_list_number_read(length, &out->length) ||
        out->length > pn_family_bits(family))
        return false;
    out->family = family;
    out->first = pn_number_from(&addr);
    out->last = out->first | pn_host_mask(family, out->length);
    return !(out->first & pn_host_mask(family, out->length));
}

/* Which step a rule is on; false for what no client comes to. */
static bool
step_find(struct pn_import *import, struct rule *rule)
{
    bool is_ip4 = pn_str_is(rule->type, "ip4");

    import->at = rule->at;
    if (pn_str_is(rule->type, "uid") || pn_str_is(rule->type, "gid")) {
        pn_import_note(import, rule->file, 0,
                       "left out: it is for users of this machine, who are no clients "
                       "of TCP");
        return false;
    }
    if (pn_str_is(rule->type, "reversedns")) {
        rule->step = pn_str_is(rule->key, "@") ? STEP_NAMED : STEP_NAME;
        return true;
    }
    if (!is_ip4 && !pn_str_is(rule->type, "ip6")) {
        pn_import_note(import, rule->file, 0,
                       "left out: s6-tcpserver-access looks into ip4, ip6 and "
                       "reversedns");
        return false;
    }
    rule->step = STEP_ADDRESS;
    if (prefix_read(rule->key, is_ip4 ? 4 : 6, &rule->prefix) &&
        (is_ip4 || rule->prefix.length < 96 ||
         !pn_number_is_mapped(rule->prefix.first)))
        return true;
    pn_import_note(import, rule->file, 0,
                   "\"%.*s\" matches nobody: no look-up spells an address and a length "
                   "so",
                   PN_IMPORT_QUOTED(rule->key));
    return false;
}

static void
rule_add(struct rules *rules, struct rule rule)
{
    struct pn_import *import = rules->import;

    if ((rule.allows || rule.denies) && step_find(import, &rule))
        import->failed |= !pn_vector_add(&rules->items, &rules->count, &rules->capacity,
                                         &rule, sizeof(rule));
    import->at = (struct pn_str){ NULL, 0 };
}

/* "TYPE/KEY/NAME": the files of a key follow one another. */
static void
folder_read(struct rules *rules)
{
    const struct pn_import *import = rules->import;
    struct rule rule = { .allows = false };

    for (uint32_t i = 0; i < import->file_count; i++) {
        struct pn_str name = pn_str_of_text(import->entries[i].path);
        struct pn_str type = pn_str_cut(&name, '/'), key = pn_str_cut(&name, '/');
        bool is_own = pn_str_is(name, "allow") || pn_str_is(name, "deny");

        if (!pn_str_equal(type, rule.type) || !pn_str_equal(key, rule.key)) {
            rule_add(rules, rule);
            rule = (struct rule){ .type = type, .key = key, .file = i, .first = i };
        }
        rule.end = i + 1;
        if (is_own && (import->entries[i].mode & 0444)) {
            rule.file = rule.allows ? rule.file : i;
            rule.allows |= pn_str_is(name, "allow");
            rule.denies |= pn_str_is(name, "deny");
        }
        rule.runs |= pn_str_is(name, "exec") && import->files[i].size;
    }
    rule_add(rules, rule);
}

static unsigned
number_big(const char *bytes)
{
    return (unsigned)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

/* "D", or "A" with two texts, each behind its size. */
static bool
value_read(struct pn_str value, struct rule *rule)
{
    unsigned size;

    if (!value.len)
        return false;
    rule->denies = *value.ptr == 'D';
    if (*value.ptr != 'A')
        return true; /* another letter is no rule */
    if (value.len < 5)
        return false;
    size = number_big(value.ptr + 1);
    if (size > value.len - 5)
        return false;
    rule->env = pn_str_to(pn_str_from(value, 3), size);
    rule->runs = number_big(value.ptr + 3 + size);
    rule->allows = true;
    return 5 + size + number_big(value.ptr + 3 + size) == value.len;
}

static void
record_read(void *payload, struct pn_str key, struct pn_str value)
{
    struct rules *rules = payload;
    struct rule rule = { .key = key, .at = key };

    rule.type = pn_str_cut(&rule.key, '/');
    if (value_read(value, &rule))
        rule_add(rules, rule);
    else
        pn_import_error(rules->import, 0, 0, "no record of s6-accessrules-cdb-from-fs");
}

/* The first line without the blanks at its end; NULs become newlines. */
static void
file_variable(struct pn_rule_variables *v, struct pn_str name, struct pn_str text)
{
    struct pn_str line = pn_str_cut(&text, '\n');
    struct pn_buffer value = { 0 };

    while (line.len &&
           (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t' ||
            line.ptr[line.len - 1] == '\r'))
        line.len--;
    for (size_t i = 0; i < line.len; i++)
        pn_buffer_add(&value, line.ptr[i] ? line.ptr + i : "\n", 1);
    v->import->failed |= value.failed;
    pn_rule_variable_add(v, name, pn_str_of(&value));
    pn_buffer_free(&value);
}

/* "TYPE/KEY/env/NAME"; a name with a sign, or a dot in front, is passed over there. */
static void
files_variables(struct pn_rule_variables *v, const struct rule *rule)
{
    const struct pn_import *import = v->import;

    for (v->file = rule->first; v->file < rule->end; v->file++) {
        const struct pn_source *file = &import->files[v->file];
        struct pn_str name = pn_str_of_text(import->entries[v->file].path);

        (void)pn_str_cut(&name, '/');
        (void)pn_str_cut(&name, '/');
        if (!pn_str_is(pn_str_cut(&name, '/'), "env") || !name.len ||
            pn_str_has(name, '='))
            continue;
        if (file->size)
            file_variable(v, name, (struct pn_str){ file->text, file->size });
        else
            pn_rule_variable_unset(v, name);
    }
}

static void
record_variables(struct pn_rule_variables *v, struct pn_str env)
{
    while (env.len) {
        struct pn_str value = pn_str_cut(&env, '\0'), name = pn_str_cut(&value, '=');

        if (value.ptr)
            pn_rule_variable_add(v, name, value);
        else
            pn_rule_variable_unset(v, name);
    }
}

static size_t
patterns_add(struct pn_import *import, struct pn_ladder *ladder,
             const struct rule *rule)
{
    const struct pn_import_prefix *prefix = &rule->prefix;
    struct pn_ladder_pattern pattern = { .kind = PN_LADDER_NAMED };

    if (rule->step == STEP_NAME)
        return pn_ladder_names_add(ladder, import, rule->file, rule->key);
    if (rule->step == STEP_ADDRESS)
        pattern = (struct pn_ladder_pattern){ .kind = PN_LADDER_ADDRESSES,
                                              .family = prefix->family,
                                              .first = prefix->first,
                                              .last = prefix->last };
    import->failed |= !pn_ladder_pattern_add(ladder, pattern);
    return 1;
}

static void
rule_write(struct pn_import *import, struct pn_ladder *ladder, const struct rule *rule)
{
    struct pn_rule_variables v = { .import = import, .tails = &ladder->tails };
    struct pn_ladder_rule row = { .tail = ladder->tails.size,
                                  .file = rule->file,
                                  .at = rule->at,
                                  .is_own = true,
                                  .allows = rule->allows && !rule->runs };

    import->at = rule->at;
    if (rule->allows && rule->runs)
        pn_import_note(import, rule->file, 0,
                       "denied: a program of its own is run there");
    if (row.allows && import->entries)
        files_variables(&v, rule);
    else if (row.allows)
        record_variables(&v, rule->env);
    row.tail_size = ladder->tails.size - row.tail;
    row.count = patterns_add(import, ladder, rule);
    import->failed |= !pn_ladder_rule_add(ladder, row);
    import->at = (struct pn_str){ NULL, 0 };
}

void
pn_import_s6(struct pn_import *import)
{
    struct rules rules = { .import = import };
    struct pn_ladder ladder = { 0 };

    if (import->entries)
        folder_read(&rules);
    else if (pn_import_is_one(import))
        (void)pn_import_records_each(import, 0, record_read, &rules);
    if (rules.count)
        qsort(rules.items, rules.count, sizeof(*rules.items), compare_rules);
    for (size_t i = 0; i < rules.count && !import->failed; i++)
        rule_write(import, &ladder, &rules.items[i]);
    import->failed |=
        !pn_ladder_pattern_add(&ladder,
                               (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY }) ||
        !pn_ladder_rule_add(
            &ladder, (struct pn_ladder_rule){ .count = 1, .file = PN_IMPORT_WHOLE });
    if (!import->failed && !import->has_errors)
        pn_ladder_write(&ladder, import);
    pn_ladder_clear(&ladder);
    pn_free(rules.items);
}
