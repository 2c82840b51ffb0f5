/* Where an answer can change: at the bounds of what either of the two has. */
#include "tools/prove/clients.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/list_words.h"
#include "interop/spans.h"
#include "interop/table.h"

enum { NAMED_MOST = 50000, ADDRESSES_OF_NAME = 3, NAME_MAX_SIZE = 200 };
enum { SLOW_MOST = 1000, ADDRESSES_WHEN_SLOW = 8 };

static const pn_number v4_mapped = (pn_number)0xffff << 32;

/* Can a connection come from there? Not from nowhere, a group, or this link alone. */
static bool
connects(uint8_t family, pn_number number)
{
    if (family == 4)
        return number >> 24 && number >> 24 < 224;
    return number > 1 && number >> 120 != 0xff && number >> 118 != 0x3fa &&
           number >> 32 != v4_mapped >> 32 && number >> 32;
}

static bool
client_add(struct pn_prove_clients *out, const struct pn_prove_wants *wants,
           struct pn_prove_client client)
{
    uint8_t family = client.addr.family;

    if (family == 6 && !wants->six)
        return true;
    if (wants->connects && !connects(family, pn_number_from(&client.addr)))
        return true;
    return pn_vector_add(&out->items, &out->count, &out->capacity, &client,
                         sizeof(client));
}

/* Both ends, who is beside them, and the middle, where no end can be a client. */
static bool
bounds_add(struct pn_prove_clients *out, const struct pn_prove_wants *wants,
           uint8_t family, const struct pn_interval *part)
{
    const pn_number most = pn_host_mask(family, 0);
    const pn_number at[] = { part->first, part->last,
                             part->first + (part->last - part->first) / 2,
                             part->first ? part->first - 1 : part->first,
                             part->last < most ? part->last + 1 : part->last };
    bool added = true;

    for (size_t i = 0; i < sizeof(at) / sizeof(*at) && added; i++)
        added = client_add(
            out, wants,
            (struct pn_prove_client){ .addr = pn_number_address(at[i], family) });
    return added;
}

static bool
pieces_add(struct pn_prove_clients *out, const struct pn_compiled *policy,
           const struct pn_prove_wants *wants)
{
    struct pn_spans spans = { .by_rule = true };
    bool added =
        pn_spans_collect(&spans, policy->rules, &policy->decoded) == PN_SPANS_OK;

    for (size_t i = 0; i < spans.count && added; i++) {
        const struct pn_interval part = { spans.items[i].first, spans.items[i].last };

        added = bounds_add(out, wants, spans.items[i].family, &part);
    }
    pn_spans_clear(&spans);
    return added;
}

/* "10.1." or "10.1": octets at the front, as some programs write prefixes. */
static bool
octets_read(struct pn_str word, struct pn_ordered_rule *out)
{
    unsigned octet, count = 0;
    pn_number first = 0;

    while (word.len) {
        if (count == 4 || !pn_list_number_read(pn_str_cut(&word, '.'), &octet) ||
            octet > 255)
            return false;
        first = first << 8 | octet;
        count++;
    }
    if (!count || count == 4)
        return false;
    out->family = 4;
    out->first = first << (32 - 8 * count);
    out->last = out->first | pn_host_mask(4, 8 * count);
    return true;
}

static bool
name_is(struct pn_str word)
{
    bool has_letter = false;

    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        has_letter |= pn_is_letter(c);
        if (!pn_is_letter(c) && !pn_is_digit(c) && c != '.' && c != '-' && c != '_')
            return false;
    }
    /* tcp wrappers have these in the place of a name */
    return has_letter && word.len <= NAME_MAX_SIZE && !pn_import_is(word, "unknown") &&
           !pn_import_is(word, "paranoid");
}

/* The name with something in front, in lower case. */
static struct pn_str
name_make(struct pn_prove_clients *out, const char *front, struct pn_str name)
{
    size_t before = strlen(front);
    char *copy = pn_arena_zalloc(out->names, before + name.len + 1);

    if (!copy)
        return (struct pn_str){ 0 };
    memcpy(copy, front, before);
    for (size_t i = 0; i < name.len; i++)
        copy[before + i] = pn_lower(name.ptr[i]);
    return (struct pn_str){ copy, before + name.len };
}

/* At some of the addresses without a name; of few names at all of them. */
static bool
name_add(struct pn_prove_clients *out, const struct pn_prove_wants *wants,
         struct pn_str word, size_t addresses)
{
    static const char *const fronts[] = { "", "a.", "x-", "b.a." };
    const size_t most = wants->slow ? SLOW_MOST : NAMED_MOST;
    size_t some = wants->slow && addresses > ADDRESSES_WHEN_SLOW ? ADDRESSES_WHEN_SLOW
                                                                 : addresses;
    bool added = true;

    if (out->count - addresses >= most)
        some = addresses < ADDRESSES_OF_NAME ? addresses : ADDRESSES_OF_NAME;
    while (word.len && *word.ptr == '.')
        word = pn_str_from(word, 1);
    while (word.len && word.ptr[word.len - 1] == '.')
        word.len--;
    for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts) && word.len && added; i++) {
        const struct pn_str host = name_make(out, fronts[i], word);

        for (size_t k = 0; k < some && addresses && added; k++) {
            struct pn_prove_client client = out->items[addresses * k / some];

            client.host = host;
            added = client_add(out, wants, client);
        }
    }
    return added && !pn_arena_failed(out->names);
}

/* The next word, cut by what is part of no address and no name. */
static struct pn_str
word_next(struct pn_str *rest)
{
    static const char inside[] = ".:/-_[]";
    struct pn_str word;
    size_t size = 0;

    while (rest->len && !pn_is_letter(*rest->ptr) && !pn_is_digit(*rest->ptr) &&
           !strchr(inside, *rest->ptr))
        *rest = pn_str_from(*rest, 1);
    while (size < rest->len &&
           (pn_is_letter(rest->ptr[size]) || pn_is_digit(rest->ptr[size]) ||
            (rest->ptr[size] && strchr(inside, rest->ptr[size]))))
        size++;
    word = pn_str_to(*rest, size);
    *rest = pn_str_from(*rest, size);
    return word;
}

static bool
address_read(struct pn_str word, struct pn_ordered_rule *rule)
{
    while (word.len && (word.ptr[word.len - 1] == ':' || word.ptr[word.len - 1] == '-'))
        word.len--;
    return word.len && (pn_table_entry_read(word, rule) || octets_read(word, rule));
}

/* The names of a word: records have their sizes in front, and "->" behind. */
static bool
word_names_add(struct pn_prove_clients *out, const struct pn_prove_wants *wants,
               struct pn_str word, size_t addresses)
{
    struct pn_ordered_rule rule;
    bool added = true;

    while (word.len && added) {
        struct pn_str part = pn_str_cut(&word, ':');

        while (part.len && part.ptr[part.len - 1] == '-')
            part.len--;
        if (name_is(part) && !address_read(part, &rule))
            added = name_add(out, wants, part, addresses);
    }
    return added;
}

static bool
words_add(struct pn_prove_clients *out, struct pn_str text,
          const struct pn_prove_wants *wants, bool names)
{
    struct pn_ordered_rule rule = { .line = 0 };
    const size_t addresses = out->count;
    struct pn_str word;
    bool added = true;

    while ((word = word_next(&text)).len && added) {
        struct pn_str front = pn_str_cut(&(struct pn_str){ word.ptr, word.len }, ':');
        bool is_address = address_read(word, &rule) || address_read(front, &rule);

        if (!names && is_address) {
            const struct pn_interval part = { rule.first, rule.last };

            added = bounds_add(out, wants, rule.family, &part);
        }
        if (names && !address_read(word, &rule))
            added = word_names_add(out, wants, word, addresses);
    }
    return added;
}

static int
compare_clients(const void *left, const void *right)
{
    const struct pn_prove_client *a = left, *b = right;
    int order = memcmp(a->addr.bytes, b->addr.bytes, sizeof(a->addr.bytes));

    if (a->addr.family != b->addr.family)
        return a->addr.family < b->addr.family ? -1 : 1;
    return order ? order : pn_str_compare(a->host, b->host);
}

static void
unique(struct pn_prove_clients *clients)
{
    size_t kept = 0;

    if (clients->count)
        qsort(clients->items, clients->count, sizeof(*clients->items), compare_clients);
    for (size_t i = 0; i < clients->count; i++)
        if (!kept || compare_clients(&clients->items[kept - 1], &clients->items[i]))
            clients->items[kept++] = clients->items[i];
    clients->count = kept;
}

bool
pn_prove_clients_make(struct pn_prove_clients *out, const struct pn_compiled *policy,
                      struct pn_str text, const struct pn_prove_wants *wants)
{
    bool made;

    out->names = pn_arena_new();
    made = out->names && pieces_add(out, policy, wants) &&
           words_add(out, text, wants, false);
    unique(out);
    made = made && (!wants->names || words_add(out, text, wants, true));
    unique(out);
    return made;
}

void
pn_prove_clients_clear(struct pn_prove_clients *clients)
{
    pn_free(clients->items);
    pn_arena_free(clients->names);
    *clients = (struct pn_prove_clients){ 0 };
}
