/* Host names beyond ASCII, with libidn2 loaded by the first of them. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <idn2.h>

#include "compiler/idn.h"

typedef int (*lookup_fn)(const uint8_t *, uint8_t **, int);

/* NULL where there is none. It stays loaded: as if it had been linked. */
static lookup_fn
lookup_load(void)
{
    void *library = dlopen("libidn2.so.0", RTLD_NOW | RTLD_LOCAL), *symbol;
    lookup_fn lookup = NULL;

    symbol = library ? dlsym(library, "idn2_lookup_u8") : NULL;
    if (symbol)
        memcpy(&lookup, &symbol, sizeof(lookup)); /* POSIX: they are of one size */
    return lookup;
}

enum pn_idn_status
pn_idn_to_ascii(const char *name, char **label)
{
    static lookup_fn lookup; /* tcprules has one thread */

    *label = NULL;
    if (!lookup)
        lookup = lookup_load();
    if (!lookup)
        return PN_IDN_MISSING;
    return lookup((const uint8_t *)name, (uint8_t **)label,
                  IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK
               ? PN_IDN_OK
               : PN_IDN_BAD;
}
