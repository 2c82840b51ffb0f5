/* Lines and characters of a text as editors count them, and offsets. */
#ifndef PN_LSP_POSITION_H
#define PN_LSP_POSITION_H

#include <stdint.h>

#include "base/source.h"

/* What a character of a line is: a byte, or a unit of UTF-16. */
enum pn_encoding { PN_ENCODING_UTF16, PN_ENCODING_UTF8 };

/* From 0. */
struct pn_place {
    uint32_t line, character;
};

/*
 * Where lines begin: behind "\n", "\r\n" and "\r", as the protocol has it. All zero is
 * not made.
 */
struct pn_lines {
    uint32_t *starts; /* the first is 0 */
    size_t count, capacity;
};

/* False without memory. */
bool
pn_lines_make(struct pn_lines *lines, struct pn_str text);

/*
 * The same after bytes of the text were replaced: `text` is as it is now, in which
 * `put` bytes stand at `offset` in the place of `taken`. Only the lines that changed
 * are looked at. False without memory: the lines are as they were.
 */
bool
pn_lines_replace(struct pn_lines *lines, struct pn_str text, uint32_t offset,
                 uint32_t taken, uint32_t put);

void
pn_lines_clear(struct pn_lines *lines);

/* A position behind the end of its line is the end, behind the last line that of the
 * text. Never within a character. */
uint32_t
pn_lines_offset(const struct pn_lines *lines, struct pn_str text,
                enum pn_encoding encoding, struct pn_place place);

/* An offset within a character is its beginning. What is no UTF-8 counts a unit a byte.
 */
struct pn_place
pn_lines_place(const struct pn_lines *lines, struct pn_str text,
               enum pn_encoding encoding, uint32_t offset);

/* The line, from 0, that an offset stands in. */
uint32_t
pn_lines_line(const struct pn_lines *lines, uint32_t offset);

#endif
