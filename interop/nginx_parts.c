/* One walk over the directives, which knows the block that each stands in. */
#include "interop/nginx_parts.h"

#include "base/vector.h"
#include "interop/nginx_words.h"

enum { DEPTH_MOST = 64 };

/* A directive, and where it stands. */
struct at {
    struct pn_nginx_directive directive;
    size_t from, to; /* bytes: blanks and remarks in front of it are its own */
    size_t block;    /* that it is in; of one that opens a block, that block's */
    bool in_geo;     /* it opens, is in, or closes a geo block */
};

struct walk {
    const struct pn_source *file;
    struct pn_nginx_reader reader;
    struct at at;
    size_t open[DEPTH_MOST], depth, blocks;
    size_t geo_depth; /* how deep the geo block is in which we are; 0: in none */
    bool is_fault;
};

static struct walk
walk_begin(const struct pn_source *file)
{
    return (struct walk){ .file = file,
                          .reader = { .rest = { file->text, file->size }, .line = 1 } };
}

static bool
is_geo(const struct pn_nginx_directive *d)
{
    return d->end == PN_NGINX_OPEN && (d->count == 2 || d->count == 3) &&
           pn_str_is(d->words[0], "geo");
}

/* The next directive; false at the end, and where there is a fault. */
static bool
walk_next(struct walk *walk)
{
    const char *before = walk->reader.rest.ptr;
    struct pn_nginx_directive *d = &walk->at.directive;

    walk->at.from = (size_t)(before - walk->file->text);
    pn_nginx_next(&walk->reader, d);
    walk->at.to = (size_t)(walk->reader.rest.ptr - walk->file->text);
    if (d->end == PN_NGINX_END)
        return false;
    walk->is_fault = d->end == PN_NGINX_FAULT ||
                     (d->end == PN_NGINX_CLOSE && !walk->depth) ||
                     (d->end == PN_NGINX_OPEN && walk->depth + 1 >= DEPTH_MOST);
    if (walk->is_fault)
        return false;
    if (d->end == PN_NGINX_OPEN) {
        walk->open[++walk->depth] = ++walk->blocks;
        if (!walk->geo_depth && is_geo(d))
            walk->geo_depth = walk->depth;
    }
    walk->at.block = walk->open[walk->depth];
    walk->at.in_geo = walk->geo_depth != 0;
    if (d->end == PN_NGINX_CLOSE) {
        if (walk->geo_depth == walk->depth)
            walk->geo_depth = 0;
        walk->depth--;
    }
    return true;
}

static bool
is_access(const struct at *at)
{
    const struct pn_nginx_directive *d = &at->directive;

    return !at->in_geo && d->end == PN_NGINX_SEMICOLON && d->count == 2 &&
           (pn_str_is(d->words[0], "allow") || pn_str_is(d->words[0], "deny"));
}

static struct pn_str
variable_of(const struct pn_nginx_directive *d)
{
    struct pn_str name = d->words[d->count - 1];

    return name.len && *name.ptr == '$' ? pn_str_from(name, 1) : name;
}

/* The part that a rule belongs to, if it was seen before. */
static bool
is_known(const struct pn_nginx_parts *parts, size_t block)
{
    for (size_t i = parts->count; i-- > 0;)
        if (!parts->items[i].is_geo && parts->items[i].block == block)
            return true;
    return false;
}

bool
pn_nginx_parts_find(const struct pn_source *file, struct pn_nginx_parts *out)
{
    struct walk walk = walk_begin(file);
    struct pn_nginx_directive heads[DEPTH_MOST]; /* what opened the blocks around */

    while (walk_next(&walk)) {
        const struct pn_nginx_directive *d = &walk.at.directive;
        struct pn_nginx_part part = { .line = d->line, .block = walk.at.block };

        if (d->end == PN_NGINX_OPEN)
            heads[walk.depth] = *d;
        if (is_access(&walk.at) && !is_known(out, walk.at.block)) {
            if (walk.depth) {
                part.kind = heads[walk.depth].words[0];
                if (heads[walk.depth].count > 1)
                    part.name = heads[walk.depth].words[1];
            }
        } else if (walk.geo_depth == walk.depth && is_geo(d)) {
            part.is_geo = true;
            part.kind = PN_STR("geo");
            part.name = variable_of(d);
        } else
            continue;
        if (!pn_vector_add(&out->items, &out->count, &out->capacity, &part,
                           sizeof(part)))
            return false;
    }
    if (walk.is_fault || walk.depth)
        out->fault_line = walk.at.directive.line;
    return true;
}

bool
pn_nginx_part_text(const struct pn_source *file, const struct pn_nginx_part *part,
                   struct pn_buffer *out)
{
    struct walk walk = walk_begin(file);
    size_t start = out->size;

    pn_buffer_add(out, file->text, file->size);
    if (out->failed)
        return false;
    for (size_t i = 0; i < file->size; i++)
        if (file->text[i] != '\n')
            out->bytes[start + i] = ' ';
    while (walk_next(&walk))
        if (walk.at.block == part->block &&
            (part->is_geo ? walk.at.in_geo : is_access(&walk.at)))
            memcpy(out->bytes + start + walk.at.from, file->text + walk.at.from,
                   walk.at.to - walk.at.from);
    return true;
}
