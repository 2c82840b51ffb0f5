/*
 * One service of xinetd.conf(5): who is in no_access is denied, and with only_from who
 * is not in that. The manual says that the better match decides; xinetd 2.3.15 denies
 * whoever is in no_access, and so does this.
 */
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/ladder.h"

/* A word of only_from or no_access. */
struct item {
    struct pn_str text;
    uint32_t file;
    size_t line;
};

struct items {
    struct item *items;
    size_t count, capacity;
    bool is_given;
};

struct service {
    struct pn_import *import;
    struct items only_from, no_access;
    struct pn_str name; /* of the one that is meant; empty: of none yet */
    unsigned found;     /* how many blocks were of it */
    size_t limit;       /* per_source; 0: none */
    bool is_sensor;     /* whoever comes is denied */
    uint32_t file;      /* of the line at hand */
    size_t line;
};

/* Attributes that change who is let in, and have no equivalent. */
static const struct {
    const char *name, *why;
} left_out[] = {
    { "instances", "ours has no limit of all connections in a policy: tcpserver -c" },
    { "cps", "a rate of ours is of one source, and this one of all" },
    { "access_times", "ours knows no times of the day" },
    { "max_load", "ours does not look at the load" },
    { "deny_time", "ours keeps no list of who was denied" },
};

static void
items_set(struct service *service, struct items *items, char sign, struct pn_str values)
{
    struct pn_str word;

    items->is_given = true;
    if (sign == '=')
        items->count = 0;
    while ((word = pn_import_word(&values)).len && !service->import->failed) {
        const struct item item = { word, service->file, service->line };
        size_t kept = 0;

        if (sign != '-') {
            service->import->failed |= !pn_vector_add(
                &items->items, &items->count, &items->capacity, &item, sizeof(item));
            continue;
        }
        for (size_t i = 0; i < items->count; i++)
            if (!pn_str_equal(items->items[i].text, word))
                items->items[kept++] = items->items[i];
        if (kept == items->count)
            pn_import_error(service->import, service->file, service->line,
                            "\"%.*s\" is taken away, and was not there so written",
                            PN_IMPORT_QUOTED(word));
        items->count = kept;
    }
}

static void
limit_set(struct service *service, struct pn_str value)
{
    size_t number = 0;

    service->limit = 0;
    if (pn_str_is(value, "UNLIMITED"))
        return;
    for (size_t i = 0; i < value.len && number <= UINT32_MAX / 20; i++) {
        if (!pn_is_digit(value.ptr[i])) {
            number = 0;
            break;
        }
        number = number * 10 + (size_t)(value.ptr[i] - '0');
    }
    if (!number || number > 1000000)
        pn_import_error(service->import, service->file, service->line,
                        "\"%.*s\" is no number from 1 to 1000000, and not UNLIMITED",
                        PN_IMPORT_QUOTED(value));
    else
        service->limit = number;
}

/* A service with SENSOR lets nobody in, and has xinetd keep out whoever came. */
static void
flags_read(struct service *service, char sign, struct pn_str values)
{
    struct pn_str word;

    service->is_sensor &= sign != '=';
    while ((word = pn_import_word(&values)).len)
        if (pn_str_is(word, "SENSOR"))
            service->is_sensor = sign != '-';
    if (service->is_sensor)
        pn_import_note(service->import, service->file, service->line,
                       "SENSOR denies everybody, and who came is kept out of all "
                       "services there");
}

/* "NAME = VALUES", with += and -= for lists. */
static void
attribute_read(struct service *service, struct pn_str line)
{
    struct pn_str name = line, value;
    char sign = '=';
    size_t size = 0;

    while (size < line.len && (pn_is_letter(line.ptr[size]) || line.ptr[size] == '_' ||
                               pn_is_digit(line.ptr[size])))
        size++;
    name.len = size;
    value = pn_list_trim(pn_str_from(line, size));
    if (value.len > 1 && (value.ptr[0] == '+' || value.ptr[0] == '-')) {
        sign = value.ptr[0];
        value = pn_str_from(value, 1);
    }
    if (!size || !value.len || value.ptr[0] != '=') {
        pn_import_error(service->import, service->file, service->line,
                        "an attribute is written NAME = VALUE");
        return;
    }
    value = pn_list_trim(pn_str_from(value, 1));
    if (pn_str_is(name, "only_from"))
        items_set(service, &service->only_from, sign, value);
    else if (pn_str_is(name, "no_access"))
        items_set(service, &service->no_access, sign, value);
    else if (pn_str_is(name, "per_source"))
        limit_set(service, value);
    else if (pn_str_is(name, "flags"))
        flags_read(service, sign, value);
    else if (pn_str_is(name, "disable") && pn_import_is(value, "yes"))
        pn_import_note(service->import, service->file, service->line,
                       "the service is disabled: it is imported as if it were not");
    for (size_t i = 0; i < PN_COUNT_OF(left_out); i++)
        if (pn_str_is(name, left_out[i].name) && !pn_str_is(value, "UNLIMITED"))
            pn_import_note(service->import, service->file, service->line,
                           "%s has no equivalent: %s", left_out[i].name,
                           left_out[i].why);
}

/* Is a block the one that is read in this pass? */
static bool
block_is_meant(struct service *service, struct pn_str line, bool defaults)
{
    struct pn_str rest = line, word = pn_import_word(&rest);

    if (defaults)
        return pn_str_is(word, "defaults");
    if (!pn_str_is(word, "service"))
        return false;
    rest = pn_list_trim(rest);
    if (!rest.len || pn_str_has(rest, ' ') || pn_str_has(rest, '{')) {
        pn_import_error(service->import, service->file, service->line,
                        "a name alone stands behind service, and { on the next line");
        return false;
    }
    if (service->name.len && !pn_str_equal(service->name, rest)) {
        if (!service->import->wants.name)
            pn_import_error(service->import, service->file, service->line,
                            "more than one service: --name NAME says which");
        return false;
    }
    service->name = rest;
    service->found++;
    if (service->found == 2)
        pn_import_error(
            service->import, service->file, service->line,
            "a second service of this name: import a file with one of them");
    return true;
}

static void
file_read(struct service *service, bool defaults)
{
    struct pn_import_lines lines =
        pn_import_lines_of(&service->import->files[service->file]);
    bool inside = false, meant = false;

    while (pn_import_line_next(&lines) && !service->import->failed) {
        struct pn_str line = pn_list_trim(lines.line), rest = line;

        service->line = lines.number;
        if (!line.len || line.ptr[0] == '#')
            continue;
        if (pn_str_is(line, "{") || pn_str_is(line, "}")) {
            if (inside == (line.ptr[0] == '{') && !defaults)
                pn_import_error(service->import, service->file, service->line,
                                "a brace without its partner");
            inside = line.ptr[0] == '{';
            meant = meant && inside;
        } else if (inside) {
            if (meant)
                attribute_read(service, line);
        } else if (pn_str_begins(pn_import_word(&rest), "include")) {
            if (!defaults)
                pn_import_note(service->import, service->file, service->line,
                               "nothing is included: name the files behind this one");
        } else {
            meant = block_is_meant(service, line, defaults);
            if (!defaults && !pn_str_begins(line, "service") &&
                !pn_str_begins(line, "defaults"))
                pn_import_error(
                    service->import, service->file, service->line,
                    "service, defaults or include begins here, and { stands "
                    "on a line of its own");
        }
    }
}

static void
addresses_add(struct service *service, struct pn_ladder *ladder, uint8_t family,
              pn_number first, unsigned length)
{
    pn_number mask = pn_host_mask(family, length);

    service->import->failed |= !pn_ladder_pattern_add(
        ladder, (struct pn_ladder_pattern){ .kind = PN_LADDER_ADDRESSES,
                                            .family = family,
                                            .first = first & ~mask,
                                            .last = first | mask });
}

/* "A.B.{C,D}": octets, the last of which is one of some; returns how many, or 0. */
static size_t
factorized_add(struct service *service, struct pn_ladder *ladder, struct pn_str text)
{
    const bool closed = pn_str_has(text, '}');
    struct pn_str front = pn_str_cut(&text, '{'), list = pn_str_cut(&text, '}');
    unsigned octet, count = 0;
    pn_number first = 0;
    size_t added = 0;

    if (!closed || text.len || !front.len || front.ptr[front.len - 1] != '.')
        return 0;
    while (front.len) {
        if (count == 3 || !pn_list_number_read(pn_str_cut(&front, '.'), &octet) ||
            octet > 255)
            return 0;
        first = first << 8 | octet;
        count++;
    }
    while (list.len) {
        if (!pn_list_number_read(pn_str_cut(&list, ','), &octet) || octet > 255)
            return 0;
        addresses_add(service, ladder, 4, (first << 8 | octet) << (24 - 8 * count),
                      8 * count + 8);
        added++;
    }
    return added;
}

/* An address, whose zeros at the end are anything in IPv4, or a prefix. */
static size_t
address_add(struct service *service, struct pn_ladder *ladder, struct pn_str text)
{
    const char *slash = memchr(text.ptr, '/', text.len);
    struct pn_import_prefix prefix;
    unsigned length;

    if (text.ptr[0] == '[' || !pn_import_prefix_read(text, &prefix) ||
        (slash && !pn_list_number_read(
                      pn_str_from(text, (size_t)(slash + 1 - text.ptr)), &length)))
        return 0;
    length = prefix.length;
    while (!slash && prefix.family == 4 && length &&
           !(prefix.first & pn_host_mask(4, length - 8)))
        length -= 8;
    addresses_add(service, ladder, prefix.family, prefix.first, length);
    return 1;
}

static size_t
host_add(struct service *service, struct pn_ladder *ladder, const struct item *item)
{
    const struct pn_str text = item->text;
    const bool below = text.ptr[0] == '.';
    struct pn_str name = pn_ladder_name(ladder, text);
    struct pn_str labels = pn_str_from(name, name.len ? below : 0);
    bool has_letter = false;

    for (size_t i = 0; i < labels.len; i++)
        has_letter |= pn_is_letter(labels.ptr[i]);
    if (!has_letter || !pn_ladder_name_is(labels))
        return 0;
    if (!pn_str_has(text, '.') && !pn_str_is(text, "localhost"))
        pn_import_note(
            service->import, item->file, item->line,
            "\"%.*s\" is taken for a host: where /etc/networks has it, it is "
            "a network there",
            PN_IMPORT_QUOTED(text));
    service->import->failed |= !pn_ladder_pattern_add(
        ladder, (struct pn_ladder_pattern){
                    .kind = below ? PN_LADDER_SUFFIX : PN_LADDER_HOST, .name = name });
    return 1;
}

/* "A/128" of IPv6: xinetd 2.3.15 finds nobody in it, whatever its manual says. */
static bool
matches_nobody(struct pn_str text)
{
    struct pn_import_prefix prefix;

    return pn_str_has(text, '/') && pn_import_prefix_read(text, &prefix) &&
           prefix.family == 6 && prefix.length == pn_family_bits(6);
}

/* What one item matches, as patterns: how many. */
static size_t
item_add(struct service *service, struct pn_ladder *ladder, const struct item *item)
{
    size_t added;

    if (matches_nobody(item->text)) {
        pn_import_note(service->import, item->file, item->line,
                       "\"%.*s\" matches nobody in xinetd: without \"/128\" it is the "
                       "address",
                       PN_IMPORT_QUOTED(item->text));
        return 0;
    }
    added = pn_str_has(item->text, '{') ? factorized_add(service, ladder, item->text)
                                        : address_add(service, ladder, item->text);
    if (!added)
        added = host_add(service, ladder, item);
    if (!added)
        pn_import_error(service->import, item->file, item->line,
                        "\"%.*s\" is no address of four numbers, prefix, "
                        "A.B.{C,D}, name or .domain; blanks stand between",
                        PN_IMPORT_QUOTED(item->text));
    return added;
}

/* The items of each line as a rule. */
static void
items_add(struct service *service, struct pn_ladder *ladder, const struct items *items,
          bool allows)
{
    struct pn_import *import = service->import;
    size_t count = 0, tail = ladder->tails.size;

    if (allows && service->limit)
        pn_buffer_add_format(&ladder->tails, ", limit %zu per /32,/128",
                             service->limit);
    for (size_t i = 0; i < items->count && !import->failed; i++) {
        const struct item *item = &items->items[i];

        count += item_add(service, ladder, item);
        if (i + 1 < items->count && item[1].file == item->file &&
            item[1].line == item->line)
            continue;
        if (!import->has_errors)
            import->failed |= !pn_ladder_rule_add(
                ladder, (struct pn_ladder_rule){ .count = count,
                                                 .tail = tail,
                                                 .tail_size = ladder->tails.size - tail,
                                                 .allows = allows,
                                                 .file = item->file,
                                                 .line = item->line });
        count = 0;
    }
}

/* Who is left: denied where only_from is given. */
static void
rest_add(struct service *service, struct pn_ladder *ladder)
{
    struct pn_ladder_rule rule = { .count = 1 };

    rule.allows = !service->only_from.is_given && !service->is_sensor;

    rule.tail = ladder->tails.size;
    if (rule.allows && service->limit)
        pn_buffer_add_format(&ladder->tails, ", limit %zu per /32,/128",
                             service->limit);
    rule.tail_size = ladder->tails.size - rule.tail;
    service->import->failed |=
        !pn_ladder_pattern_add(ladder,
                               (struct pn_ladder_pattern){ .kind = PN_LADDER_ANY }) ||
        !pn_ladder_rule_add(ladder, rule);
}

static void
items_native(struct pn_import *import, const char *name, const struct items *items)
{
    if (items->is_given)
        pn_import_native(import, "%s =", name);
    for (size_t i = 0; i < items->count; i++)
        pn_import_native(import, "%s += %.*s", name,
                         PN_IMPORT_TEXT_OF(items->items[i].text));
}

void
pn_import_xinetd(struct pn_import *import)
{
    struct service service = { .import = import };
    struct pn_ladder ladder = { 0 };

    if (import->wants.name)
        service.name = pn_str_of_text(import->wants.name);
    for (unsigned pass = 0; pass < 2; pass++)
        for (service.file = 0; service.file < import->file_count; service.file++)
            file_read(&service, pass == 0);
    if (!service.found)
        pn_import_error(import, 0, 0, "there is no such service");
    if (!import->has_errors && !import->failed) {
        items_add(&service, &ladder, &service.no_access, false);
        if (!service.is_sensor)
            items_add(&service, &ladder, &service.only_from, true);
        rest_add(&service, &ladder);
        if (service.is_sensor) /* a flag, which is set with others */
            pn_import_native(import, "# SENSOR");
        items_native(import, "no_access", &service.no_access);
        items_native(import, "only_from", &service.only_from);
    }
    if (!import->has_errors && !import->failed)
        pn_ladder_write(&ladder, import);
    pn_ladder_clear(&ladder);
    pn_free(service.only_from.items);
    pn_free(service.no_access.items);
}
