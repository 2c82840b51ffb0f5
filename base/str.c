/* Cutting, ordering and viewing bytes with a length. */
#include "base/str.h"

#include "base/buffer.h"

struct pn_str
pn_str_of(const struct pn_buffer *buffer)
{
    return (struct pn_str){ buffer->bytes, buffer->size };
}

struct pn_str
pn_str_cut(struct pn_str *s, char byte)
{
    struct pn_str whole = *s;
    const char *at = whole.len ? memchr(whole.ptr, byte, whole.len) : NULL;
    size_t size;

    if (!at) {
        *s = (struct pn_str){ NULL, 0 };
        return whole;
    }
    size = (size_t)(at - whole.ptr);
    *s = pn_str_from(whole, size + 1);
    return pn_str_to(whole, size);
}

int
pn_str_compare(struct pn_str a, struct pn_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

void
pn_path_tidy(char *path)
{
    char *to = path, *from = path;

    while (*from) {
        size_t len = strcspn(from, "/"), whole = len + (from[len] == '/');

        if (len == 2 && memcmp(from, "..", 2) == 0 && to > path) {
            to--; /* the slash of the part before */
            while (to > path && to[-1] != '/')
                to--;
        } else if (!(len == 1 && *from == '.') && len) {
            memmove(to, from, whole);
            to += whole;
        }
        from += whole;
    }
    *to = '\0';
}
