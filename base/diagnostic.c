/* The table of diagnostics, and the list that collects them. */
#include "base/diagnostic.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

const char *const pn_severity_name[] = { "error", "warning", "note" };

const struct pn_diag_info pn_diag_info[PN_DIAG_COUNT] = {
#define X(id, slug, severity, text, help) { slug, severity, text, help },
#include "base/diagnostics.def"
#undef X
};

void
pn_diags_clear(struct pn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        free(diags->items[i].name);
        free(diags->items[i].line_text);
    }
    free(diags->items);
    *diags = (struct pn_diags){ 0 };
}

static bool
diag_make(struct pn_diag *out, enum pn_diag_id id, const struct pn_source *source,
          struct pn_span span)
{
    struct pn_position at = pn_source_position(source, span.offset);
    struct pn_str line = pn_source_slice(source, at.whole_line);
    char *copy = malloc(line.len + 1), *name = strdup(source->name);

    if (!copy || !name) {
        free(copy);
        free(name);
        return false;
    }
    memcpy(copy, line.ptr, line.len);
    *out = (struct pn_diag){
        .id = id,
        .name = name,
        .line_text = copy,
        .line_len = line.len,
        .line = at.line,
        .column = at.column,
        .size = span.size,
    };
    return true;
}

void
pn_diags_add(struct pn_diags *diags, enum pn_diag_id id, const struct pn_source *source,
             struct pn_span span)
{
    diags->total++;
    if (diags->count >= diags->limit)
        return;
    if (pn_vector_reserve(&diags->items, &diags->capacity, diags->count + 1,
                          sizeof(*diags->items)) &&
        diag_make(&diags->items[diags->count], id, source, span))
        diags->count++;
    else
        diags->failed = true;
}
