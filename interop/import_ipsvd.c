/*
 * The instructions of ipsvd-instruct(5), as ipsvd-cdb(8) compiles them: the address and
 * its fronts, then the name and its ends, then "0"; the first that is there decides.
 */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/ladder.h"
#include "runtime/format/container.h"

/* In the order in which they are looked for: more octets first, longer names first. */
enum step { STEP_ADDRESS = 4, STEP_NAME = 5, STEP_ALL = 6 };

struct row {
    struct pn_str key, data;
    unsigned step, octets;
    pn_number first;
    size_t number; /* of the record */
};

struct rows {
    struct row *items;
    size_t count, capacity;
};

static int
compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;

    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    if (a->octets != b->octets)
        return a->octets > b->octets ? -1 : 1;
    if (a->key.len != b->key.len)
        return a->key.len > b->key.len ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
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

static void
row_add(struct pn_import *import, struct rows *rows, struct row row)
{
    bool digits = true;

    for (size_t i = 0; i < row.key.len; i++)
        digits &= pn_is_digit(row.key.ptr[i]) || row.key.ptr[i] == '.';
    row.step = pn_str_is(row.key, "0") ? STEP_ALL : digits ? STEP_ADDRESS : STEP_NAME;
    if (row.step == STEP_ADDRESS && !octets_read(row.key, &row)) {
        pn_import_note(import, 0, 0, "\"%.*s\" matches nobody: no address begins so",
                       PN_IMPORT_QUOTED(row.key));
        return;
    }
    import->failed |=
        !pn_vector_add(&rows->items, &rows->count, &rows->capacity, &row, sizeof(row));
}

/* What one file of instructions says. */
struct told {
    struct pn_import *import;
    struct pn_buffer *tails;
    struct pn_str key;
    struct pn_str variables[32];
    size_t variable_count;
    struct pn_str limit; /* of the last C */
    bool denies;
};

static void
variable_add(struct told *told, struct pn_str line)
{
    struct pn_str value = line, name = pn_str_cut(&value, '=');

    if (!value.ptr) {
        pn_import_note(told->import, 0, 0,
                       "%.*s: \"+%.*s\" is left out: ours unsets nothing",
                       PN_IMPORT_QUOTED(told->key), PN_IMPORT_QUOTED(name));
        return;
    }
    for (size_t i = 0; i < told->variable_count; i++)
        if (pn_str_equal(told->variables[i], name)) {
            pn_import_error(told->import, 0, 0, "%.*s: %.*s is set twice",
                            PN_IMPORT_QUOTED(told->key), PN_IMPORT_QUOTED(name));
            return;
        }
    if (!pn_import_variable_is(name) || told->variable_count == 32) {
        pn_import_error(told->import, 0, 0,
                        "%.*s: \"%.*s\" is no name of a variable, or the 33rd",
                        PN_IMPORT_QUOTED(told->key), PN_IMPORT_QUOTED(name));
        return;
    }
    told->variables[told->variable_count++] = name;
    pn_buffer_add_text(told->tails, ", ");
    pn_buffer_add_str(told->tails, name);
    pn_buffer_add_text(told->tails, "=");
    pn_import_value(told->tails, value);
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
        pn_import_error(told->import, 0, 0,
                        "%.*s: \"C%.*s\" is no limit from 0 to 1000000",
                        PN_IMPORT_QUOTED(told->key), PN_IMPORT_QUOTED(number));
    else if (limit) {
        pn_buffer_add_format(told->tails, ", limit %zu per /32,/128", limit);
        for (size_t i = 0; i < message.len; i++) {
            char c = message.ptr[i];

            if (c == '\\' && i + 1 < message.len) {
                c = message.ptr[++i];
                c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
            }
            pn_buffer_add(&text, &c, 1);
        }
        if (text.size) {
            pn_buffer_add_text(told->tails, ", reject ");
            pn_import_value(told->tails, pn_str_of(&text));
        }
    }
    told->import->failed |= text.failed;
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
        pn_import_note(told->import, 0, 0,
                       "%.*s: \"%.*s\" is denied: ours looks up no name of a rule",
                       PN_IMPORT_QUOTED(told->key), PN_IMPORT_QUOTED(line));
    } else if (first != '#')
        pn_import_note(told->import, 0, 0,
                       "%.*s: \"%.*s\" is no instruction, and ipsvd passes it over",
                       PN_IMPORT_QUOTED(told->key), PN_IMPORT_QUOTED(line));
}

/* The last byte says what the record is. */
static void
data_read(struct told *told, struct pn_str data)
{
    char kind = data.len ? data.ptr[data.len - 1] : '\0';
    struct pn_str rest = pn_str_to(data, data.len ? data.len - 1 : 0);

    told->denies = kind != 'I';
    if (kind == 'X')
        pn_import_note(told->import, 0, 0,
                       "%.*s is denied: a program of its own is run there",
                       PN_IMPORT_QUOTED(told->key));
    else if (kind != 'D' && kind != 'I')
        pn_import_error(told->import, 0, 0, "%.*s: no record of ipsvd-cdb",
                        PN_IMPORT_QUOTED(told->key));
    while (kind == 'I' && rest.len)
        line_read(told, pn_str_cut(&rest, '\0'));
    if (told->limit.ptr)
        limit_add(told);
}

/* A name is itself and all below it. */
static size_t
patterns_add(struct pn_import *import, struct pn_ladder *ladder, const struct row *row)
{
    pn_number mask = pn_host_mask(4, row->step == STEP_ADDRESS ? 8 * row->octets : 32);
    struct pn_ladder_pattern pattern = { .kind = PN_LADDER_ADDRESSES,
                                         .family = 4,
                                         .first = row->first,
                                         .last = row->first | mask };
    char dotted[256] = ".";

    if (row->step == STEP_ALL)
        pattern = (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY };
    if (row->step == STEP_NAME) {
        struct pn_str name = pn_ladder_name(ladder, row->key);

        if (!pn_ladder_name_is(name)) {
            pn_import_note(import, 0, 0, "\"%.*s\" matches nobody: it is no name",
                           PN_IMPORT_QUOTED(row->key));
            return 0;
        }
        for (size_t i = 0; i < name.len; i++)
            dotted[i + 1] = name.ptr[i];
        pattern = (struct pn_ladder_pattern){ .kind = PN_LADDER_HOST, .name = name };
        import->failed |= !pn_ladder_pattern_add(ladder, pattern);
        pattern.kind = PN_LADDER_SUFFIX;
        pattern.name = pn_ladder_name(ladder, (struct pn_str){ dotted, name.len + 1 });
    }
    import->failed |= !pn_ladder_pattern_add(ladder, pattern);
    return 1 + (row->step == STEP_NAME);
}

static void
rule_add(struct pn_import *import, struct pn_ladder *ladder, const struct row *row)
{
    struct told told = { .import = import, .tails = &ladder->tails, .key = row->key };
    struct pn_ladder_rule rule = { .tail = ladder->tails.size };

    data_read(&told, row->data);
    rule.count = patterns_add(import, ladder, row);
    rule.tail_size = ladder->tails.size - rule.tail;
    rule.allows = !told.denies;
    import->failed |= !pn_ladder_rule_add(ladder, rule);
}

/* The records of a database; false when it is damaged, or none. */
static bool
records_read(struct pn_import *import, struct rows *rows)
{
    const struct pn_source *file = &import->files[0];
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_container container;
    struct pn_record record;

    if (!pn_container_open(&container, file->text, file->size))
        return false;
    while (!import->failed && pn_container_next(&container, &position, &record))
        row_add(import, rows,
                (struct row){ .key = { (const char *)record.key, record.key_size },
                              .data = { (const char *)record.value, record.value_size },
                              .number = rows->count });
    return import->failed || position == container.records_end;
}

void
pn_import_ipsvd(struct pn_import *import)
{
    struct pn_ladder ladder = { 0 };
    struct rows rows = { 0 };
    struct row all = { .step = STEP_ALL, .data = PN_STR("I") };

    if (!records_read(import, &rows) || import->file_count > 1)
        pn_import_error(import, 0, 0, "one database of ipsvd-cdb is wanted");
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
