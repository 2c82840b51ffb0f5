/* Host names beyond ASCII, with libidn2 linked. */
#include "compiler/idn.h"

#include <stdint.h>
#include <stdlib.h>

#include <idn2.h>

enum pn_idn_status
pn_idn_to_ascii(const char *name, char **label)
{
    *label = NULL;
    return idn2_lookup_u8((const uint8_t *)name, (uint8_t **)label,
                          IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK
               ? PN_IDN_OK
               : PN_IDN_BAD;
}
