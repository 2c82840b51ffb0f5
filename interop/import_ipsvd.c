/*
 * The instructions of ipsvd-instruct(5), of a folder or as ipsvd-cdb(8) compiles them:
 * the address and its fronts, then the name and its ends, then "0"; the first that is
 * there decides.
 */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/ladder.h"
#include "interop/records.h"
#include "interop/rule_variables.h"

/* In the order in which they are looked for: more octets first, longer names first. */
enum step { STEP_ADDRESS = 4, STEP_NAME = 5, STEP_ALL = 6 };

struct row {
    struct pn_str key, data; /* without what kind it is */
    struct pn_str at;        /* in a database, the key */
    uint32_t file;
    char kind, apart; /* D, I or X; what its lines end with */
    unsigned step, octets;
    pn_number first;
    size_t number; /* in its order */
};

struct rows {
    struct pn_import *import;
    struct row *items;
    size_t count, capacity;
};

static int
compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int order = pn_str_compare(a->key, b->key);

    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    if (a->octets != b->octets)
        return a->octets > b->octets ? -1 : 1;
    if (a->key.len != b->key.len)
        return a->key.len > b->key.len ? -1 : 1;
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* One to four octets; false for what no address begins with. */
static bool
octets_read(struct pn_str key, struct row *row)
{
    struct pn_str rest = key;
    unsigned octet;

    while (rest.len) {
        if (row->octets == 4 || !pn_list_number_read(pn_str_cut(&rest, '.'), &octet) ||
            octet > 255)
            return false;
        row->first = row->first << 8 | octet;
        row->octets++;
    }
    row->first <<= 32 - 8 * row->octets;
    return row->octets && key.ptr[key.len - 1] != '.';
}

/* What is taken over of a file, as a record: D, or I. */
static void
row_native(struct pn_import *import, const struct row *row, bool denies)
{
    if (row->key.ptr)
        pn_import_native_record(import, row->key, denies ? PN_STR("D") : PN_STR("I"));
}

/* Why nobody can be meant; NULL when somebody can. */
static const char *
why_nobody(struct row *row)
{
    if (row->step == STEP_ADDRESS && !octets_read(row->key, row))
        return "no address begins so";
    for (size_t i = 0; row->step == STEP_NAME && i < row->key.len; i++)
        if (row->key.ptr[i] != pn_lower(row->key.ptr[i]))
            return "ipsvd has names in lower case";
    return NULL;
}

static void
row_add(struct rows *rows, struct row row)
{
    struct pn_import *import = rows->import;
    const char *why;
    bool digits = true;

    row.number = rows->count;
    for (size_t i = 0; i < row.key.len; i++)
        digits &= pn_is_digit(row.key.ptr[i]) || row.key.ptr[i] == '.';
    row.step = pn_str_is(row.key, "0") ? STEP_ALL : digits ? STEP_ADDRESS : STEP_NAME;
    why = why_nobody(&row);
    if (why) {
        pn_import_note(import, row.file, 0, "\"%.*s\" matches nobody: %s",
                       PN_IMPORT_QUOTED(row.key), why);
        row_native(import, &row, row.kind != 'I');
        return;
    }
    import->failed |=
        !pn_vector_add(&rows->items, &rows->count, &rows->capacity, &row, sizeof(row));
}

/* What one file of instructions says. */
struct told {
    struct pn_rule_variables variables; /* and where it is said */
    struct pn_str limit;                /* of the last C */
    bool denies;
};

static void
variable_add(struct told *told, struct pn_str line)
{
    struct pn_str value = line, name = pn_str_cut(&value, '=');

    if (value.ptr)
        pn_rule_variable_add(&told->variables, name, value);
    else
        pn_rule_variable_unset(&told->variables, name);
}

/* "NUMBER" or "NUMBER:MESSAGE"; 0 is no limit. */
static void
limit_add(struct told *told)
{
    struct pn_str message = told->limit, number = pn_str_cut(&message, ':');
    struct pn_buffer text = { 0 };
    size_t limit = 0;

    for (size_t i = 0; i < number.len; i++)
        limit = pn_is_digit(number.ptr[i]) && limit < 1000000
                    ? 10 * limit + (size_t)(number.ptr[i] - '0')
                    : 10000000;
    if (!number.len || limit > 1000000)
        pn_import_error(told->variables.import, told->variables.file,
                        told->variables.line, "\"C%.*s\" is no limit from 0 to 1000000",
                        PN_IMPORT_QUOTED(number));
    else if (limit) {
        pn_buffer_add_format(told->variables.tails, ", limit %zu per /32,/128", limit);
        for (size_t i = 0; i < message.len; i++) {
            char c = message.ptr[i];

            if (c == '\\' && i + 1 < message.len) {
                c = message.ptr[++i];
                c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
            }
            pn_buffer_add(&text, &c, 1);
        }
        if (text.size) {
            pn_buffer_add_text(told->variables.tails, ", reject ");
            pn_import_value(told->variables.tails, pn_str_of(&text));
        }
    }
    told->variables.import->failed |= text.failed;
    pn_buffer_free(&text);
}

static void
line_read(struct told *told, struct pn_str line)
{
    char first = line.len ? *line.ptr : '#';

    if (first == '+')
        variable_add(told, pn_str_from(line, 1));
    else if (first == 'C')
        told->limit = pn_str_from(line, 1);
    else if (first == '=') {
        told->denies = true;
        pn_import_note(told->variables.import, told->variables.file,
                       told->variables.line,
                       "\"%.*s\" is denied: ours looks up no name of a rule",
                       PN_IMPORT_QUOTED(line));
    } else if (first != '#')
        pn_import_note(told->variables.import, told->variables.file,
                       told->variables.line,
                       "\"%.*s\" is no instruction, and ipsvd passes it over",
                       PN_IMPORT_QUOTED(line));
}

static void
data_read(struct told *told, const struct row *row)
{
    struct pn_rule_variables *at = &told->variables;
    struct pn_str rest = row->data;

    told->denies = row->kind != 'I';
    if (row->kind == 'X')
        pn_import_note(at->import, row->file, 0,
                       "denied: a program of its own is run there");
    else if (row->kind != 'D' && row->kind != 'I')
        pn_import_error(at->import, row->file, 0, "no record of ipsvd-cdb");
    while (row->kind == 'I' && rest.len) {
        at->line++;
        line_read(told, pn_str_cut(&rest, row->apart));
    }
    at->line = 0;
    if (told->limit.ptr)
        limit_add(told);
}

static size_t
patterns_add(struct pn_import *import, struct pn_ladder *ladder, const struct row *row)
{
    struct pn_ladder_pattern pattern = { .kind = PN_LADDER_ANY };

    if (row->step == STEP_NAME)
        return pn_ladder_names_add(ladder, import, row->file, row->key);
    if (row->step == STEP_ADDRESS)
        pattern =
            (struct pn_ladder_pattern){ .kind = PN_LADDER_ADDRESSES,
                                        .family = 4,
                                        .first = row->first,
                                        .last = row->first |
                                                pn_host_mask(4, 8 * row->octets) };
    import->failed |= !pn_ladder_pattern_add(ladder, pattern);
    return 1;
}

static void
rule_add(struct pn_import *import, struct pn_ladder *ladder, const struct row *row)
{
    struct told told = {
        .variables = { .import = import, .tails = &ladder->tails, .file = row->file }
    };
    struct pn_ladder_rule rule = { .tail = ladder->tails.size,
                                   .file = row->file,
                                   .at = row->at,
                                   .is_own = row->key.ptr };

    import->at = row->at;
    data_read(&told, row);
    rule.count = patterns_add(import, ladder, row);
    rule.tail_size = ladder->tails.size - rule.tail;
    rule.allows = !told.denies;
    row_native(import, row, told.denies);
    import->failed |= !pn_ladder_rule_add(ladder, rule);
    import->at = (struct pn_str){ NULL, 0 };
}

/* The last byte of a record says what it is. */
static void
record_read(void *payload, struct pn_str key, struct pn_str value)
{
    struct row row = { .key = key, .at = key, .apart = '\0' };

    if (value.len) {
        row.kind = value.ptr[value.len - 1];
        row.data = pn_str_to(value, value.len - 1);
    }
    row_add(payload, row);
}

/* The user's bits of its mode say what a file is. */
static void
folder_read(struct rows *rows)
{
    const struct pn_import *import = rows->import;

    for (uint32_t i = 0; i < import->file_count; i++) {
        const struct pn_import_entry *entry = &import->entries[i];
        struct row row = { .key = pn_str_of_text(entry->path),
                           .data = { import->files[i].text, import->files[i].size },
                           .apart = '\n',
                           .file = i };

        row.kind = entry->mode & 0100 ? 'X' : entry->mode & 0400 ? 'I' : 'D';
        if (pn_str_has(row.key, '/'))
            pn_import_note(rows->import, i, 0,
                           "no client comes to a folder within the folder");
        else {
            if (row.kind == 'I')
                pn_import_text_check(rows->import, i);
            row_add(rows, row);
        }
    }
}

void
pn_import_ipsvd(struct pn_import *import)
{
    struct pn_ladder ladder = { 0 };
    struct rows rows = { .import = import };
    struct row all = { .step = STEP_ALL, .kind = 'I', .file = PN_IMPORT_WHOLE };

    if (import->entries)
        folder_read(&rows);
    else if (pn_import_is_one(import))
        (void)pn_import_records_each(import, 0, record_read, &rows);
    if (rows.count)
        qsort(rows.items, rows.count, sizeof(*rows.items), compare_rows);
    for (size_t i = 0; i < rows.count && !import->failed; i++)
        rule_add(import, &ladder, &rows.items[i]);
    rule_add(import, &ladder, &all);
    if (!import->failed && !import->has_errors)
        pn_ladder_write(&ladder, import);
    pn_ladder_clear(&ladder);
    pn_free(rows.items);
}
