/* Text in XML: markup escaped, and bytes that XML has no place for shown. */
#ifndef PN_TOOLS_RENDER_XML_H
#define PN_TOOLS_RENDER_XML_H

#include "base/buffer.h"
#include "base/source.h"

void
pn_xml_add(struct pn_buffer *out, struct pn_str text);

#endif
