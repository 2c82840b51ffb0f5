/* The table of originals.def. */
#include "tools/prove/originals.h"

#include <string.h>

#include "base/sizes.h"

#define PLAIN .network = false
#define NETWORK .network = true
#define OWNER .network = true, .as_owner = true
#define LIBRARY .is_library = true
#define DROP_IN .is_drop_in = true, .says_sets = true
#define WANTS(is_six, has_names, is_connected)                            \
    {                                                                     \
        .six = (is_six), .names = (has_names), .connects = (is_connected) \
    }

static const struct pn_original originals[] = {
#define X(id, format_name, program_name, flags, wanted) \
    { .format = (format_name),                          \
      .program = (program_name),                        \
      flags,                                            \
      .wants = wanted,                                  \
      .ask = pn_original_ask_##id },
#include "tools/prove/originals.def"
#undef X
};

const struct pn_original *
pn_original_find(const char *format)
{
    for (size_t i = 0; i < PN_COUNT_OF(originals); i++)
        if (strcmp(originals[i].format, format) == 0)
            return &originals[i];
    return NULL;
}
