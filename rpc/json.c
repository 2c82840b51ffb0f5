/* jansson wants UTF-8, and files hold any bytes. */
#include "rpc/json.h"

#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"

enum { PART_MAX = 64 };

/* The length of the front that is UTF-8. */
static size_t
good_front(struct pn_str text)
{
    size_t at = 0, size = 1;
    uint32_t code;

    while (at < text.len && size) {
        size = pn_utf8_decode(text.ptr + at, text.len - at, &code);
        at += size;
    }
    return at;
}

json_t *
pn_json_text(struct pn_str text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t front = good_front(text);
    struct pn_buffer mended = { 0 };
    json_t *made;

    if (front == text.len)
        return json_stringn_nocheck(text.len ? text.ptr : "", text.len);
    for (; text.len; front = good_front(text)) {
        pn_buffer_add(&mended, text.ptr, front);
        text = pn_str_from(text, front);
        if (!text.len)
            break;
        pn_buffer_add_text(&mended, replacement);
        text = pn_str_from(text, 1);
    }
    made = mended.failed ? NULL : json_stringn_nocheck(mended.bytes, mended.size);
    pn_buffer_free(&mended);
    return made;
}

json_t *
pn_json_words(const char *words)
{
    return pn_json_text(pn_str_of_text(words));
}

bool
pn_json_set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new_nocheck(object, name, value) == 0;
}

bool
pn_json_add(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;
}

struct pn_str
pn_json_read_text(const json_t *value)
{
    if (!json_is_string(value))
        return (struct pn_str){ NULL, 0 };
    return (struct pn_str){ json_string_value(value), json_string_length(value) };
}

json_t *
pn_json_at(const json_t *value, const char *path)
{
    struct pn_str rest = pn_str_of_text(path);
    json_t *found = NULL;

    while (value && rest.ptr) {
        struct pn_str part = pn_str_cut(&rest, '.');
        char name[PART_MAX];

        if (part.len >= sizeof(name))
            return NULL;
        memcpy(name, part.ptr, part.len);
        name[part.len] = '\0';
        found = json_object_get(value, name);
        value = found;
    }
    return value ? found : NULL;
}

bool
pn_json_is_true(const json_t *value, const char *path)
{
    return json_is_true(pn_json_at(value, path));
}

bool
pn_json_has(const json_t *value, const char *path, const char *word)
{
    const json_t *array = pn_json_at(value, path);
    const json_t *item;
    size_t i;

    json_array_foreach(array, i,
                       item) if (pn_str_is(pn_json_read_text(item), word)) return true;
    return false;
}
