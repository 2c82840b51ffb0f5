/* Texts as JSON, and back. What is made is NULL without memory. */
#ifndef PN_RPC_JSON_H
#define PN_RPC_JSON_H

#include <jansson.h>

#include "base/str.h"

/* Bytes of a file as a text: what is no UTF-8 is U+FFFD. */
json_t *
pn_json_text(struct pn_str text);

json_t *
pn_json_words(const char *words);

/* Sets a member, or adds to an array; the value is taken over, and NULL makes it false.
 */
bool
pn_json_set(json_t *object, const char *name, json_t *value);

bool
pn_json_add(json_t *array, json_t *value);

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
