/* What stands in the place of library calls in a counted program; the linker calls it.
 */
#ifndef PN_TESTS_COUNTED_H
#define PN_TESTS_COUNTED_H

#include <stdbool.h>
#include <stddef.h>

#define PN_WRAPPED(result, name, arguments) \
    result __wrap_##name arguments;         \
    result __real_##name arguments

void
__sanitizer_cov_trace_pc(void);

PN_WRAPPED(void *, malloc, (size_t size));
PN_WRAPPED(void *, calloc, (size_t count, size_t size));
PN_WRAPPED(void *, realloc, (void *memory, size_t size));
PN_WRAPPED(void, free, (void *memory));
PN_WRAPPED(void *, memcpy, (void *to, const void *from, size_t size));
PN_WRAPPED(void *, memmove, (void *to, const void *from, size_t size));
PN_WRAPPED(void *, memset, (void *to, int byte, size_t size));
PN_WRAPPED(int, memcmp, (const void *left, const void *right, size_t size));
PN_WRAPPED(void *, memchr, (const void *text, int byte, size_t size));
PN_WRAPPED(size_t, strlen, (const char *text));

#endif
