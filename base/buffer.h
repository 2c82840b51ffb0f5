/* A string of bytes that grows. */
#ifndef PN_BASE_BUFFER_H
#define PN_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * A zeroed struct is an empty buffer. An append without memory sets `failed` and leaves
 * the bytes unchanged: append freely, check once.
 */
struct pn_buffer {
    char *bytes;
    size_t size, capacity;
    bool failed;
};

void
pn_buffer_free(struct pn_buffer *buffer);

void
pn_buffer_add(struct pn_buffer *buffer, const void *bytes, size_t size);

void
pn_buffer_add_str(struct pn_buffer *buffer, struct pn_str str);

void
pn_buffer_add_text(struct pn_buffer *buffer, const char *text);

__attribute__((format(printf, 2, 3))) void
pn_buffer_add_format(struct pn_buffer *buffer, const char *format, ...);

/* The same of arguments that were begun; they are used up. */
__attribute__((format(printf, 2, 0))) void
pn_buffer_add_list(struct pn_buffer *buffer, const char *format, va_list args);

/* Makes room for `more` bytes behind the present ones; false without memory. */
bool
pn_buffer_reserve(struct pn_buffer *buffer, size_t more);

#endif
