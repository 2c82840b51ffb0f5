/* Line by line. */
#include "analysis/format_classic.h"

#include <string.h>

void
pn_format_classic(const struct pn_source *source, struct pn_buffer *out)
{
    const char *at = source->text, *end = at + source->size;
    bool blank = false;
    size_t start = out->size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline ? newline : end, *last = line_end;

        while (last > at && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        if (last == at) {
            blank = true;
        } else {
            if (blank && out->size > start)
                pn_buffer_add(out, "\n", 1);
            blank = false;
            pn_buffer_add(out, at, (size_t)(last - at));
            pn_buffer_add(out, "\n", 1);
        }
        at = line_end + 1;
    }
}
