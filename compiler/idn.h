/*
 * Host names beyond ASCII. A program takes one of the two ways: `pn_idn` has the
 * library in it; `idn_loaded.c` loads it when the first such name is met, for programs
 * that are started under small limits and seldom see one.
 */
#ifndef PN_COMPILER_IDN_H
#define PN_COMPILER_IDN_H

enum pn_idn_status {
    PN_IDN_OK,
    PN_IDN_BAD,    /* no such name can be */
    PN_IDN_MISSING /* the library is not installed, or there is no memory for it */
};

/*
 * The A-labels of a name in UTF-8 (RFC 5890, UTS 46, nontransitional). *label is the
 * caller's, for free(); NULL unless OK.
 */
enum pn_idn_status
pn_idn_to_ascii(const char *name, char **label);

#endif
