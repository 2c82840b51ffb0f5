/* Blocks of addresses, hosts and idents, as text and as JSON. */
#ifndef PN_TOOLS_RENDER_BLOCKS_H
#define PN_TOOLS_RENDER_BLOCKS_H

#include "analysis/blocks.h"
#include "base/output.h"
#include "tools/render/style.h"

/*
 * "10.0.0.0/8", "192.0.2.4-192.0.2.9" or "192.0.2.1"; and of IPv6, where not all of it
 * is meant, "fe80::/16 written fe80::...".
 */
void
pn_extent_text(struct pn_output *output, const struct pn_intern *zeros,
               const struct pn_extent *extent);

/* "65,536 addresses", "3 IPv4 and 2^80 (one /48) IPv6 addresses": see number_text.h.
 * Where there are few of IPv6, all are one number. */
void
pn_addresses_write(struct pn_buffer *out, const pn_number counts[PN_FAMILIES]);

/*
 * "65,536 addresses: 10.1.0.0/16", "all but 127.0.0.0/8", and the hosts and idents on
 * lines of their own, behind the indent. `column` is where the cursor stands.
 */
void
pn_block_text(struct pn_output *output, const struct pn_style *style,
              const struct pn_blocks *blocks, const struct pn_block *block,
              const char *indent, size_t column);

/* The first line of it, without the number unless that is asked for. */
void
pn_block_addresses_text(struct pn_output *output, const struct pn_style *style,
                        const struct pn_blocks *blocks, const struct pn_block *block,
                        bool counted, size_t column);

/* One of the other lines, if there is anything to say. */
void
pn_patterns_text(struct pn_output *output, const struct pn_style *style,
                 const struct pn_blocks *blocks, const struct pn_patterns *list,
                 bool ident, const char *indent);

/* The keys addresses, count, hosts, idents and witness of docs/formats.md. */
void
pn_block_json(struct pn_output *output, const struct pn_blocks *blocks,
              const struct pn_block *block);

/* How many addresses a block has, likewise; all of both families are 2^128. */
void
pn_block_count_text(struct pn_output *output, const struct pn_blocks *blocks,
                    const struct pn_block *block, const char *group);

/* A number as people group its digits, or without. */
void
pn_number_text(struct pn_output *output, pn_number number, const char *group);

#endif
