/* Places and URIs as JSON, and back. What is made is NULL without memory. */
#ifndef PN_LSP_JSON_H
#define PN_LSP_JSON_H

#include "lsp/position.h"
#include "rpc/json.h"

/* A text as it is read and counted: its lines, and what a character of them is. */
struct pn_lsp_view {
    struct pn_str text;
    const struct pn_lines *lines;
    enum pn_encoding encoding;
};

/* The URI of an absolute path. */
json_t *
pn_json_uri(struct pn_str path);

json_t *
pn_json_place(struct pn_place place);

json_t *
pn_json_range(const struct pn_lsp_view *view, struct pn_span span);

/* { uri, range } */
json_t *
pn_json_location(struct pn_str path, const struct pn_lsp_view *view,
                 struct pn_span span);

/* { range, newText } */
json_t *
pn_json_edit(const struct pn_lsp_view *view, struct pn_span span, struct pn_str text);

/* Is there a whole number from 0 to 2^31 - 1? The protocol has no other ones. */
bool
pn_json_read_count(const json_t *value, uint32_t *out);

bool
pn_json_read_place(const json_t *value, struct pn_place *out);

/* The span of a range in a text; false for what is no range. */
bool
pn_json_read_span(const struct pn_lsp_view *view, const json_t *range,
                  struct pn_span *out);

#endif
