/* Files that are no lists: each kind is a row, recognised by how the file begins. */
#include <stdint.h>
#include <string.h>

#include "base/sizes.h"
#include "compiler/list_faults.h"

enum {
    LOOKED_AT = 16,
    MOSTLY = 4,
    CDB_TABLES = 256,
    CDB_HEAD = 2048,
    CDB_POINTER = 8,
    CDB_SLOT = 8
};

static const struct {
    const char *bytes;
    size_t size;
    enum pn_diag_id id;
} fronts[] = {
    { "\xff\xfe", 2, PN_DIAG_LIST_UTF16 },
    { "\xfe\xff", 2, PN_DIAG_LIST_UTF16 },
    { "\x1f\x8b", 2, PN_DIAG_LIST_PACKED },
    { "\x1f\x9d", 2, PN_DIAG_LIST_PACKED },
    { "BZh", 3, PN_DIAG_LIST_PACKED },
    { "PK\x03\x04", 4, PN_DIAG_LIST_PACKED },
    { "\xfd"
      "7zXZ",
      5, PN_DIAG_LIST_PACKED },
    { "7z\xbc\xaf", 4, PN_DIAG_LIST_PACKED },
    { "\x28\xb5\x2f\xfd", 4, PN_DIAG_LIST_PACKED },
    { "%PDF", 4, PN_DIAG_LIST_BINARY },
    { "<", 1, PN_DIAG_LIST_HTML },
};

static struct pn_str
front_skip(struct pn_str text)
{
    if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
        text = (struct pn_str){ text.ptr + 3, text.len - 3 };
    while (text.len && *text.ptr && strchr(" \t\r\n", *text.ptr)) {
        text.ptr++;
        text.len--;
    }
    return text;
}

/* Text of two bytes a character, though no mark says so: every other one is NUL. */
static bool
is_wide(struct pn_str text)
{
    size_t size = text.len < LOOKED_AT ? text.len : LOOKED_AT, even = 0, odd = 0;

    for (size_t i = 0; i < size; i++) {
        even += i % 2 == 0 && !text.ptr[i];
        odd += i % 2 && !text.ptr[i];
    }
    return size > 3 && ((even >= size / 2 && odd * MOSTLY <= even) ||
                        (odd >= size / 2 && even * MOSTLY <= odd));
}

static uint32_t
number_at(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;

    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* A cdb begins with the positions and sizes of its tables, which are all behind it. */
static bool
is_compiled(struct pn_str text)
{
    uint64_t total = 0;

    if (text.len < CDB_HEAD)
        return false;
    for (size_t i = 0; i < CDB_TABLES; i++) {
        uint32_t at = number_at(text.ptr + i * CDB_POINTER);
        uint32_t slots = number_at(text.ptr + i * CDB_POINTER + CDB_POINTER / 2);

        total += slots;
        if (at < CDB_HEAD || at > UINT32_MAX - CDB_HEAD ||
            total > UINT32_MAX / CDB_SLOT)
            return false;
    }
    return true;
}

/* An object that begins and ends on the first line: its size, or 0. */
static size_t
object_size(struct pn_str text)
{
    bool quoted = false;
    size_t depth = 0;

    for (size_t i = 0; i < text.len && text.ptr[i] != '\n'; i++) {
        char c = text.ptr[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && --depth == 0)
            return i + 1;
    }
    return 0;
}

/*
 * A document, and not lines of which each is an object. An array of its own is one too,
 * where a bracket does not open an address.
 */
static bool
is_document(struct pn_str text)
{
    size_t size;

    if (!text.len || (*text.ptr != '{' && *text.ptr != '['))
        return false;
    if (*text.ptr == '[')
        return text.len > 1 && text.ptr[1] && strchr("\"{[\n\r\t ", text.ptr[1]);
    size = object_size(text);
    if (!size)
        return true;
    return !front_skip((struct pn_str){ text.ptr + size, text.len - size }).len &&
           memchr(text.ptr, '[', size);
}

enum pn_diag_id
pn_list_file_fault(struct pn_str text)
{
    struct pn_str rest = front_skip(text);

    if (is_compiled(text))
        return PN_DIAG_COMPILED_FILE;
    for (size_t i = 0; i < PN_COUNT_OF(fronts); i++)
        if (rest.len >= fronts[i].size &&
            memcmp(rest.ptr, fronts[i].bytes, fronts[i].size) == 0)
            return fronts[i].id;
    if (is_wide(rest))
        return PN_DIAG_LIST_UTF16;
    if (memchr(rest.ptr, '\0', rest.len < LOOKED_AT ? rest.len : LOOKED_AT))
        return PN_DIAG_LIST_BINARY;
    return is_document(rest) ? PN_DIAG_LIST_JSON : PN_DIAG_NONE;
}
