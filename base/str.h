/* Bytes with a length, and the usual operations on them. */
#ifndef PN_BASE_STR_H
#define PN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pn_buffer;

/* Bytes that belong to someone else; not NUL-terminated. ptr may be NULL if len is 0.
 */
struct pn_str {
    const char *ptr;
    size_t len;
};

/* The bytes of a string literal, or of an array of char, without the last NUL. */
#define PN_STR(text) ((struct pn_str){ (text), sizeof(text) - 1 })

static inline bool
pn_str_equal(struct pn_str a, struct pn_str b)
{
    return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The bytes of a NUL-terminated text. */
static inline struct pn_str
pn_str_of_text(const char *text)
{
    return (struct pn_str){ text, strlen(text) };
}

/* A first byte is looked at by itself: most words of a table differ there, and a word
 * is not measured then. */
static inline bool
pn_str_is(struct pn_str s, const char *word)
{
    return s.len && s.ptr[0] == word[0] ? pn_str_equal(s, pn_str_of_text(word))
                                        : !s.len && !word[0];
}

/* The first `size` bytes; it must have as many. */
static inline struct pn_str
pn_str_to(struct pn_str s, size_t size)
{
    return (struct pn_str){ s.ptr, size };
}

/* What follows the first `at` bytes; it must have as many. */
static inline struct pn_str
pn_str_from(struct pn_str s, size_t at)
{
    return at ? (struct pn_str){ s.ptr + at, s.len - at } : s;
}

static inline bool
pn_str_begins(struct pn_str s, const char *front)
{
    size_t size = strlen(front);

    return s.len >= size && pn_str_is(pn_str_to(s, size), front);
}

static inline bool
pn_str_has(struct pn_str s, char byte)
{
    return s.len && memchr(s.ptr, byte, s.len);
}

/* The bytes of a buffer, as long as nothing is added to it. */
struct pn_str
pn_str_of(const struct pn_buffer *buffer);

/*
 * Cuts off and returns the bytes before the first `byte`, which is dropped. Without
 * one, returns all of *s, and *s becomes empty with ptr NULL.
 */
struct pn_str
pn_str_cut(struct pn_str *s, char byte);

/* Negative, zero or positive, in the order of bytes; a front comes before the whole. */
int
pn_str_compare(struct pn_str a, struct pn_str b);

/* Takes "x/../" and "./" out of a path, without a look at any file. In place. */
void
pn_path_tidy(char *path);

#endif
