/*
 * A line of the log that is one JSON object (RFC 8259): members one behind the other,
 * the whole never longer than a line. A text from outside can end no string, and what
 * is cut off says so.
 */
#ifndef SRV_JSON_LINE_H
#define SRV_JSON_LINE_H

#include "postern/types.h"
#include "server/log.h"

/* Begins with what every line has: the event, and both clocks. */
void
srv_json_begin(struct srv_line *line, const char *event);

/*
 * A text, of which at most `most` bytes as written stand; what is longer is cut between
 * characters, and its name then ends in _cut. A byte that is not UTF-8 is one of \udc80
 * to \udcff. Without a pointer there is no member.
 */
void
srv_json_text(struct srv_line *line, const char *name, struct postern_str text,
              size_t most);

/* The same of a text that ends in NUL; NULL for none. */
void
srv_json_string(struct srv_line *line, const char *name, const char *text, size_t most);

void
srv_json_number(struct srv_line *line, const char *name, unsigned long long number);

/* An array of those of the words whose bits are set. */
void
srv_json_words(struct srv_line *line, const char *name, const char *const *words,
               size_t count, unsigned set);

/* Ends the object, with its newline. */
void
srv_json_end(struct srv_line *line);

#endif
