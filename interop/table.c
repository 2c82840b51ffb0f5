/* Values come as texts: what they are is known when all of them are. */
#include "interop/table.h"

#include "base/sizes.h"
#include "compiler/list_words.h"
#include "compiler/query_text.h"

enum { VARIABLE_MOST = 64 };

static bool
range_read(struct pn_str low, struct pn_str high, struct pn_ordered_rule *out)
{
    struct postern_addr first, last;

    if (!pn_list_address_read(low, &first) || !pn_list_address_read(high, &last) ||
        first.family != last.family)
        return false;
    out->family = first.family;
    out->first = pn_number_from(&first);
    out->last = pn_number_from(&last);
    out->is_prefix = false;
    return out->first <= out->last;
}

bool
pn_table_entry_read(struct pn_str text, struct pn_ordered_rule *out)
{
    const char *dash = text.len ? memchr(text.ptr, '-', text.len) : NULL;
    struct pn_import_prefix prefix;
    size_t size;

    if (dash) {
        size = (size_t)(dash - text.ptr);
        return range_read(pn_str_to(text, size), pn_str_from(text, size + 1), out);
    }
    if (!pn_import_prefix_read(text, &prefix))
        return false;
    out->family = prefix.family;
    out->first = prefix.first;
    out->last = prefix.last;
    out->is_prefix = true;
    return true;
}

bool
pn_table_prefix_set(struct pn_str address, unsigned length, struct pn_ordered_rule *out)
{
    if (!pn_table_entry_read(address, out) || out->first != out->last ||
        length > pn_family_bits(out->family))
        return false;
    out->first &= ~pn_host_mask(out->family, length);
    out->last = out->first | pn_host_mask(out->family, length);
    return true;
}

/* Words that are verdicts, in pairs: which one is who is listed. */
static const struct {
    const char *listed, *other;
    bool is_by_choice; /* `listed` is what the caller says it is; else it is allow */
} verdicts[] = { { "allow", "deny", false }, { "1", "0", true } };

static bool
fits(size_t pair, struct pn_str value)
{
    return pn_str_is(value, verdicts[pair].listed) ||
           pn_str_is(value, verdicts[pair].other);
}

static bool
all_fit(const struct pn_address_table *table, size_t pair)
{
    for (size_t i = 0; i < table->entries.count; i++)
        if (!fits(pair, table->entries.items[i].value))
            return false;
    return !table->has_fallback || fits(pair, table->fallback);
}

static void
verdicts_set(struct pn_address_table *table, struct pn_import *import, size_t pair)
{
    bool listed = !verdicts[pair].is_by_choice || import->wants.listed_allow;
    bool fallback = true;

    for (size_t i = 0; i < table->entries.count; i++) {
        struct pn_ordered_rule *rule = &table->entries.items[i];

        rule->allows = pn_str_is(rule->value, verdicts[pair].listed) == listed;
        rule->value = (struct pn_str){ 0 };
    }
    if (verdicts[pair].is_by_choice && !listed)
        pn_import_note(import, table->file, table->fallback_line,
                       "1 is taken for one who is denied: --verdict allow says else");
    if (table->has_fallback)
        fallback = pn_str_is(table->fallback, verdicts[pair].listed) == listed;
    else
        pn_import_note(import, table->file, 0,
                       "who is in none has no value: they are allowed");
    pn_ordered_write(&table->entries, import);
    pn_table_others_write(import, table->file, table->fallback_line, fallback);
}

/* A name as variables of a policy have them: in capitals. */
static void
variable_make(char out[VARIABLE_MOST], struct pn_str name)
{
    size_t size = 0;

    for (; size < name.len && size < VARIABLE_MOST - 1; size++) {
        char c = name.ptr[size];
        bool is_lower = c >= 'a' && c <= 'z';
        bool is_fine = is_lower || (c >= 'A' && c <= 'Z') || c == '_' ||
                       (size && c >= '0' && c <= '9');

        out[size] = is_lower ? (char)(c - 'a' + 'A') : c;
        if (!is_fine)
            out[size] = '_';
    }
    out[size] = '\0';
}

static void
variables_write(struct pn_address_table *table, struct pn_import *import,
                struct pn_str name)
{
    char variable[VARIABLE_MOST];
    struct pn_buffer text = { 0 };

    variable_make(variable, name);
    table->entries.variable = variable;
    for (size_t i = 0; i < table->entries.count; i++)
        table->entries.items[i].allows = true;
    pn_import_note(import, table->file, 0,
                   "the values are no verdicts: all are allowed, with the value as %s",
                   variable);
    pn_ordered_write(&table->entries, import);
    pn_buffer_add_text(&text, "* : allow");
    if (table->has_fallback) {
        pn_buffer_add_format(&text, ", %s=", variable);
        pn_value_write(&text, table->fallback);
    }
    import->failed |= text.failed;
    if (!text.failed)
        pn_import_statement(import, table->file, table->fallback_line,
                            pn_str_of(&text));
    pn_buffer_free(&text);
    table->entries.variable = NULL;
}

void
pn_table_write(struct pn_address_table *table, struct pn_import *import,
               struct pn_str name)
{
    for (size_t i = 0; i < PN_COUNT_OF(verdicts); i++)
        if (all_fit(table, i)) {
            verdicts_set(table, import, i);
            return;
        }
    variables_write(table, import, name);
}

void
pn_table_clear(struct pn_address_table *table)
{
    pn_ordered_clear(&table->entries);
}

void
pn_set_write(const struct pn_ordered *set, struct pn_import *import)
{
    pn_ordered_write(set, import);
    pn_table_others_write(import, 0, 0, !import->wants.listed_allow);
}

void
pn_table_others_write(struct pn_import *import, uint32_t file, size_t line, bool allows)
{
    pn_import_statement(import, file, line,
                        pn_str_of_text(allows ? "* : allow" : "* : deny"));
}
