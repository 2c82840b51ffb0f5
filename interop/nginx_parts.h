/* The rules of a configuration of nginx, each block of them as a file of its own. */
#ifndef PN_INTEROP_NGINX_PARTS_H
#define PN_INTEROP_NGINX_PARTS_H

#include "base/buffer.h"
#include "base/source.h"

/* A geo block, or the allow and deny of one block. */
struct pn_nginx_part {
    bool is_geo;
    /* of a geo block the variable, without its $; else what opens the block, "server"
       or "location" with its first word behind it, or nothing at the top */
    struct pn_str kind, name;
    size_t line;  /* of the geo block, or of the first rule */
    size_t block; /* a number of the block among all, from 1; 0 is the file itself */
};

struct pn_nginx_parts {
    struct pn_nginx_part *items;
    size_t count, capacity;
    size_t fault_line; /* where it is no configuration of nginx; 0: nowhere */
};

/* Finds them, in their order; pn_free() the items. False without memory. */
bool
pn_nginx_parts_find(const struct pn_source *file, struct pn_nginx_parts *out);

/*
 * Appends the text of the file with blanks in the place of all that is no part of this
 * one, so that lines keep their numbers. False without memory.
 */
bool
pn_nginx_part_text(const struct pn_source *file, const struct pn_nginx_part *part,
                   struct pn_buffer *out);

#endif
