/* The blocks of xinetd.conf(5) as attributes, one after the other. */
#ifndef PN_INTEROP_XINETD_WORDS_H
#define PN_INTEROP_XINETD_WORDS_H

#include "base/source.h"

enum pn_xinetd_kind {
    PN_XINETD_DEFAULTS, /* a block of it begins */
    PN_XINETD_SERVICE,  /* likewise; `value` is its name */
    PN_XINETD_ATTRIBUTE,
    PN_XINETD_CLOSE,
    PN_XINETD_INCLUDE, /* `name` is include or includedir, `value` what */
    PN_XINETD_FAULT    /* a line that is none of them */
};

/* Its texts point into the file. */
struct pn_xinetd_line {
    enum pn_xinetd_kind kind;
    size_t line; /* from 1 */
    struct pn_str name, value;
    char sign; /* of an attribute: '=', '+' or '-' */
};

struct pn_xinetd_reader {
    struct pn_str rest;
    size_t line; /* 0 at first */
    bool inside; /* of a block */
};

struct pn_xinetd_reader
pn_xinetd_begin(const struct pn_source *file);

/* The next line that says something; false at the end. */
bool
pn_xinetd_next(struct pn_xinetd_reader *reader, struct pn_xinetd_line *out);

#endif
