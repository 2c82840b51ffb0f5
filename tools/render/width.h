/*
 * How many columns of a terminal a character takes. A program takes one of the two
 * ways: `width.c` has libunistring in it; `width_loaded.c` loads it when the first
 * character beyond Latin is shown, for programs that are started under small limits.
 */
#ifndef PN_TOOLS_RENDER_WIDTH_H
#define PN_TOOLS_RENDER_WIDTH_H

#include <stdint.h>

/* 0 of one that combines with the one before, 2 of a wide one. No control character. */
int
pn_char_width(uint32_t code);

#endif
