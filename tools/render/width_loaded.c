/* Widths of characters, with libunistring loaded by the first that may not be one. */
#include "tools/render/width.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/sizes.h"

typedef int (*width_fn)(uint32_t, const char *);

/* NULL where there is none. It stays loaded: as if it had been linked. */
static width_fn
width_load(void)
{
    static const char *const names[] = { "libunistring.so.2", "libunistring.so.5" };
    width_fn width = NULL;
    void *library = NULL, *symbol;

    for (size_t i = 0; !library && i < PN_COUNT_OF(names); i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    symbol = library ? dlsym(library, "uc_width") : NULL;
    if (symbol)
        memcpy(&width, &symbol, sizeof(width)); /* POSIX: they are of one size */
    return width;
}

int
pn_char_width(uint32_t code)
{
    enum { LATIN_END = 0x300 };
    static width_fn width; /* tcprules has one thread */
    static int asked;

    if (code < LATIN_END)
        return 1;
    if (!asked)
        width = width_load();
    asked = 1;
    return width ? width(code, "UTF-8") : 1;
}
