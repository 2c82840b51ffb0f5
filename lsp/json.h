/* Texts, places and URIs as JSON, and back. What is made is NULL without memory. */
#ifndef PN_LSP_JSON_H
#define PN_LSP_JSON_H

#include <jansson.h>

#include "lsp/position.h"

/* A text as it is read and counted: its lines, and what a character of them is. */
struct pn_lsp_view {
    struct pn_str text;
    const struct pn_lines *lines;
    enum pn_encoding encoding;
};

/* Bytes of a file as a text: what is no UTF-8 is U+FFFD. */
json_t *
pn_json_text(struct pn_str text);

json_t *
pn_json_words(const char *words);

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

/* Sets a member, or adds to an array; the value is taken over, and NULL makes it false.
 */
bool
pn_json_set(json_t *object, const char *name, json_t *value);

bool
pn_json_add(json_t *array, json_t *value);

/* Is there a whole number from 0 to 2^31 - 1? The protocol has no other ones. */
bool
pn_json_read_count(const json_t *value, uint32_t *out);

bool
pn_json_read_place(const json_t *value, struct pn_place *out);

/* The span of a range in a text; false for what is no range. */
bool
pn_json_read_span(const struct pn_lsp_view *view, const json_t *range,
                  struct pn_span *out);

/* A text's bytes; ptr NULL for what is no text. */
struct pn_str
pn_json_read_text(const json_t *value);

/* What stands at a path of members, "a.b.c"; NULL when there is nothing. */
json_t *
pn_json_at(const json_t *value, const char *path);

bool
pn_json_is_true(const json_t *value, const char *path);

/* Is a word among the texts of an array at a path? */
bool
pn_json_has(const json_t *value, const char *path, const char *word);

#endif
