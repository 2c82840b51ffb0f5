/* file: URIs and paths (RFC 8089). */
#ifndef PN_BASE_URI_H
#define PN_BASE_URI_H

#include "base/buffer.h"

/*
 * Appends the path of a URI, absolute and tidy, and a NUL that is not counted. False
 * for a URI that names no file of this machine, and without memory.
 */
bool
pn_uri_path(struct pn_str uri, struct pn_buffer *out);

/* Appends the URI of an absolute path. */
void
pn_uri_of_path(struct pn_str path, struct pn_buffer *out);

#endif
