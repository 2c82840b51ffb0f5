/* The forms of an element: libnftables-json(5). */
#include "interop/nft_elements.h"

#include <string.h>

enum { DEPTH_MOST = 4 };

const char *
pn_nft_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

uint8_t
pn_nft_set_family(const json_t *set)
{
    const char *type = pn_nft_text(set, "type");

    if (strcmp(type, "ipv4_addr") == 0)
        return 4;
    return strcmp(type, "ipv6_addr") == 0 ? 6 : 0;
}

static bool
text_read(const char *text, struct pn_ordered_rule *out)
{
    return pn_table_entry_read(pn_str_of_text(text), out);
}

static bool
prefix_read(const json_t *prefix, struct pn_ordered_rule *out)
{
    json_int_t length = json_integer_value(json_object_get(prefix, "len"));

    if (!json_is_integer(json_object_get(prefix, "len")) || length < 0 || length > 128)
        return false;
    return pn_table_prefix_set(pn_str_of_text(pn_nft_text(prefix, "addr")),
                               (unsigned)length, out);
}

static bool
range_read(const json_t *range, struct pn_ordered_rule *out)
{
    const char *first = json_string_value(json_array_get(range, 0));
    const char *last = json_string_value(json_array_get(range, 1));
    struct pn_ordered_rule end = { .line = 0 };

    if (json_array_size(range) != 2 || !first || !last || !text_read(first, out) ||
        !text_read(last, &end) || out->family != end.family || out->first > end.first)
        return false;
    out->last = end.last;
    out->is_prefix = false;
    return true;
}

static bool
one_read(const json_t *element, struct pn_ordered_rule *out)
{
    const json_t *inner;

    if (json_is_string(element))
        return text_read(json_string_value(element), out);
    inner = json_object_get(element, "prefix");
    if (inner)
        return prefix_read(inner, out);
    inner = json_object_get(element, "range");
    return inner && range_read(inner, out);
}

/* An element of a set of nft -f. */
static void
one_native(struct pn_import *import, const json_t *element)
{
    const json_t *prefix = json_object_get(element, "prefix");
    const json_t *range = json_object_get(element, "range");

    if (prefix)
        pn_import_native(import, "%s/%lld,", pn_nft_text(prefix, "addr"),
                         (long long)json_integer_value(json_object_get(prefix, "len")));
    else if (range)
        pn_import_native(import, "%s-%s,", json_string_value(json_array_get(range, 0)),
                         json_string_value(json_array_get(range, 1)));
    else
        pn_import_native(import, "%s,", json_string_value(element));
}

static void
wrong(struct pn_import *import, const json_t *element, uint8_t family)
{
    char *text = json_dumps(element, JSON_ENCODE_ANY | JSON_COMPACT);

    import->failed |= !text;
    if (text)
        pn_import_error(import, 0, 0, "%.80s is no address of IPv%u", text, family);
    free(text);
}

static bool
element_read(struct pn_import *import, const json_t *element,
             const struct pn_ordered_rule *like, struct pn_ordered *out, unsigned depth)
{
    const json_t *inner = json_object_get(element, "set"), *item;
    struct pn_ordered_rule rule = *like;
    size_t i;

    if (json_object_get(element, "elem")) { /* with what else it has */
        element = json_object_get(element, "elem");
        if (json_object_get(element, "timeout"))
            pn_import_note(import, 0, 0,
                           "%.60s: it ends at its time there, and here it stays",
                           pn_nft_text(element, "val"));
        element = json_object_get(element, "val");
    }
    if (json_is_array(inner))
        element = inner;
    if (json_is_array(element) && depth < DEPTH_MOST) {
        json_array_foreach(element, i, item) if (!element_read(import, item, like, out,
                                                               depth + 1)) return false;
        return true;
    }
    if (!one_read(element, &rule) || rule.family != like->family) {
        wrong(import, element, like->family);
        return false;
    }
    one_native(import, element);
    import->failed |= !pn_ordered_add(out, rule);
    return !import->failed;
}

bool
pn_nft_elements_read(struct pn_import *import, const json_t *element,
                     const struct pn_ordered_rule *like, struct pn_ordered *out)
{
    return element_read(import, element, like, out, 0);
}
