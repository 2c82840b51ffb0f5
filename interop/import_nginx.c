/*
 * `allow` and `deny` of nginx, of which the first that matches decides; or a `geo`
 * block: the longest network decides, or with `ranges` what was written last.
 */
#include "compiler/list_words.h"
#include "interop/nginx_words.h"
#include "interop/table.h"

enum { INCLUDES_MOST = 8, SHOWN = 80 };

/* The rules that stand in one block of the file. */
struct access {
    struct pn_ordered rules;
    size_t block, line; /* of the first rule; line 0: there is none */
    size_t all_line;    /* of the one for all, or 0 */
    bool all_allows;
};

struct reading {
    struct pn_import *import;
    struct access access;
    struct pn_address_table geo;
    struct pn_str variable; /* of that block */
    size_t geos;            /* that are meant */
    size_t geo_line;
    uint32_t file; /* at hand; includes of a geo block lead into others */
    bool is_ranges;
};

static int
shown(struct pn_str word)
{
    return (int)(word.len < SHOWN ? word.len : SHOWN);
}

static void
all_add(struct access *access, const struct pn_nginx_directive *d, bool allows)
{
    access->all_line = d->line;
    access->all_allows = allows;
}

/* `allow WHO;` or `deny WHO;` */
static void
access_add(struct reading *r, const struct pn_nginx_directive *d, size_t block)
{
    struct access *access = &r->access;
    struct pn_str who = d->words[1];
    bool allows = pn_str_is(d->words[0], "allow");
    struct pn_ordered_rule rule = { .allows = allows, .line = d->line };

    if (!access->line) {
        access->line = d->line;
        access->block = block;
    }
    if (access->block != block)
        pn_import_error(r->import, 0, d->line,
                        "rules stand in more than one block, the first in line %zu: "
                        "import a file that has one of them",
                        access->line);
    else if (pn_str_is(who, "unix:"))
        pn_import_note(r->import, 0, d->line,
                       "clients of local sockets have no address: left out");
    else if (access->all_line)
        pn_import_note(r->import, 0, d->line,
                       "no client comes to this rule: others decide for all of it");
    else if (pn_str_is(who, "all"))
        all_add(access, d, allows);
    else if (memchr(who.ptr, '-', who.len) || !pn_table_entry_read(who, &rule))
        pn_import_error(r->import, 0, d->line, "\"%.*s\" is no address and no network",
                        shown(who), who.ptr);
    else
        r->import->failed |= !pn_ordered_add(&access->rules, rule);
    if (!r->import->wants.name)
        pn_import_native(r->import, "%s %.*s;", allows ? "allow" : "deny",
                         PN_IMPORT_TEXT_OF(who));
}

/* A line of the block, its value in quotes. */
static void
geo_native(struct reading *r, struct pn_str who, struct pn_str value)
{
    struct pn_buffer quoted = { 0 };

    if (!r->import->wants.native)
        return;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\')
            pn_buffer_add_text(&quoted, "\\");
        pn_buffer_add(&quoted, value.ptr + i, 1);
    }
    pn_import_native(r->import, "%.*s \"%.*s\";", PN_IMPORT_TEXT_OF(who),
                     PN_IMPORT_TEXT_OF(pn_str_of(&quoted)));
    r->import->failed |= quoted.failed;
    pn_buffer_free(&quoted);
}

/* Takes the entries of one network away; false when there is none. */
static bool
entries_drop(struct pn_ordered *entries, const struct pn_ordered_rule *gone)
{
    size_t kept = 0, count = entries->count;

    for (size_t i = 0; i < count; i++) {
        const struct pn_ordered_rule *rule = &entries->items[i];

        if (rule->family != gone->family || rule->first != gone->first ||
            rule->last != gone->last)
            entries->items[kept++] = *rule;
    }
    entries->count = kept;
    return kept < count;
}

/* All of a family. */
static struct pn_ordered_rule
whole_of(unsigned family)
{
    return (struct pn_ordered_rule){ .family = pn_family_at(family),
                                     .last = pn_host_mask(pn_family_at(family), 0),
                                     .is_prefix = true };
}

/* `default VALUE;`: as a network of length 0 in both families, in the place of what was
 * there of them. */
static void
geo_default(struct reading *r, const struct pn_nginx_directive *d)
{
    for (unsigned i = 0; i < PN_FAMILIES && !r->is_ranges; i++) {
        const struct pn_ordered_rule whole = whole_of(i);

        (void)entries_drop(&r->geo.entries, &whole);
    }
    r->geo.has_fallback = true;
    r->geo.fallback = d->words[1];
    r->geo.file = r->file;
    r->geo.fallback_line = d->line;
}

/* The default of one family goes: that of the other is an entry from now on. */
static bool
default_drop(struct reading *r, const struct pn_ordered_rule *gone)
{
    const struct pn_ordered_rule whole = whole_of(pn_family_index(gone->family));
    struct pn_ordered_rule other = whole_of(!pn_family_index(gone->family));

    if (!r->geo.has_fallback || r->is_ranges || gone->last - gone->first != whole.last)
        return false;
    r->geo.has_fallback = false;
    other.value = r->geo.fallback;
    other.file = r->geo.file;
    other.line = r->geo.fallback_line;
    for (size_t i = 0; i < r->geo.entries.count; i++)
        if (r->geo.entries.items[i].family == other.family &&
            r->geo.entries.items[i].last - r->geo.entries.items[i].first == other.last)
            return true; /* it has been replaced since */
    r->import->failed |= !pn_ordered_add(&r->geo.entries, other);
    return true;
}

/* `delete NETWORK;`: what was there of it before is not. */
static void
geo_delete(struct reading *r, const struct pn_nginx_directive *d)
{
    struct pn_ordered_rule gone = { .line = d->line };
    bool was_there;

    if (!pn_table_entry_read(d->words[1], &gone)) {
        pn_import_error(r->import, r->file, d->line,
                        "\"%.*s\" is no address and no network", shown(d->words[1]),
                        d->words[1].ptr);
        return;
    }
    was_there = entries_drop(&r->geo.entries, &gone);
    was_there |= default_drop(r, &gone);
    if (was_there)
        pn_import_native(r->import, "delete %.*s;", PN_IMPORT_TEXT_OF(d->words[1]));
    else
        pn_import_note(r->import, r->file, d->line, "there is no such network before");
}

static void
geo_entry_add(struct reading *r, const struct pn_nginx_directive *d)
{
    struct pn_str who = d->words[0];
    bool is_range = memchr(who.ptr, '-', who.len) != NULL;
    struct pn_ordered_rule rule = { .file = r->file,
                                    .line = d->line,
                                    .value = d->words[1] };

    if (pn_str_is(who, "default")) {
        geo_default(r, d);
        geo_native(r, who, d->words[1]);
    } else if (is_range != r->is_ranges || !pn_table_entry_read(who, &rule)) {
        pn_import_error(r->import, r->file, d->line, "\"%.*s\" is no %s", shown(who),
                        who.ptr, r->is_ranges ? "range" : "address and no network");
    } else {
        r->import->failed |= !pn_ordered_add(&r->geo.entries, rule);
        geo_native(r, who, d->words[1]);
    }
    if (memchr(d->words[1].ptr, '\\', d->words[1].len))
        pn_import_note(r->import, r->file, d->line,
                       "the value has a backslash, which is taken as it is");
}

static void
geo_read(struct reading *r, struct pn_nginx_reader *reader, unsigned depth);

/* A file of the caller's whose name ends so. */
static bool
file_find(const struct pn_import *import, struct pn_str name, uint32_t *out)
{
    for (size_t i = 1; i < import->file_count; i++) {
        struct pn_str have = pn_str_of_text(import->files[i].name);

        if (name.len && have.len >= name.len &&
            memcmp(have.ptr + have.len - name.len, name.ptr, name.len) == 0 &&
            (have.len == name.len || have.ptr[have.len - name.len - 1] == '/')) {
            *out = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static void
geo_include(struct reading *r, const struct pn_nginx_directive *d, unsigned depth)
{
    uint32_t file, before = r->file;
    struct pn_nginx_reader reader = { .line = 1 };

    if (!file_find(r->import, d->words[1], &file)) {
        pn_import_error(r->import, r->file, d->line,
                        "a file is included: name \"%.*s\" behind this one",
                        shown(d->words[1]), d->words[1].ptr);
        return;
    }
    if (depth == INCLUDES_MOST) {
        pn_import_error(r->import, r->file, d->line, "files are included too deep");
        return;
    }
    reader.rest =
        (struct pn_str){ r->import->files[file].text, r->import->files[file].size };
    r->file = file;
    geo_read(r, &reader, depth + 1);
    r->file = before;
}

static void
geo_directive(struct reading *r, const struct pn_nginx_directive *d, unsigned depth)
{
    struct pn_str word = d->words[0];

    if (d->count == 1 && pn_str_is(word, "ranges")) {
        r->is_ranges = true;
        r->geo.entries.order = PN_ORDER_LAST;
        pn_import_native(r->import, "ranges;");
    } else if (d->count == 1 &&
               (pn_str_is(word, "proxy_recursive") || pn_str_is(word, "volatile"))) {
        pn_import_note(r->import, r->file, d->line, "%.*s is left out", shown(word),
                       word.ptr);
    } else if (d->count != 2) {
        pn_import_error(r->import, r->file, d->line,
                        "a network and its value are wanted");
    } else if (pn_str_is(word, "proxy")) {
        pn_import_note(r->import, r->file, d->line,
                       "clients that this proxy tells of are for tcpserver "
                       "--proxy-from: left out");
    } else if (pn_str_is(word, "delete")) {
        geo_delete(r, d);
    } else if (pn_str_is(word, "include")) {
        geo_include(r, d, depth);
    } else {
        geo_entry_add(r, d);
    }
}

/* To the end of the block, or of an included file. */
static void
geo_read(struct reading *r, struct pn_nginx_reader *reader, unsigned depth)
{
    struct pn_nginx_directive d;

    for (;;) {
        pn_nginx_next(reader, &d);
        if (r->import->failed || d.end == (depth ? PN_NGINX_END : PN_NGINX_CLOSE))
            return;
        if (d.end != PN_NGINX_SEMICOLON) {
            pn_import_error(r->import, r->file, d.line,
                            "a directive of a geo block does not end");
            return;
        }
        geo_directive(r, &d, depth);
    }
}

/* Is it the block that is wanted? Another one is read and forgotten. */
static void
geo_begin(struct reading *r, struct pn_nginx_reader *reader,
          const struct pn_nginx_directive *d)
{
    struct pn_str variable = d->words[d->count - 1];
    const char *wanted = r->import->wants.name;
    struct pn_import aside = { .files = r->import->files,
                               .file_count = r->import->file_count };
    struct reading other = { .import = &aside };
    bool is_wanted;

    if (variable.len && *variable.ptr == '$')
        variable = pn_str_from(variable, 1);
    is_wanted = !wanted || pn_str_is(variable, wanted + (*wanted == '$'));
    if (is_wanted && !r->geos++) {
        r->variable = variable;
        r->geo_line = d->line;
        r->geo.entries.order = PN_ORDER_LONGEST;
        if (d->count == 3)
            pn_import_note(r->import, 0, d->line,
                           "it is the address in %.*s, and not the client's",
                           shown(d->words[1]), d->words[1].ptr);
        pn_import_native(r->import, "geo $postern {");
        geo_read(r, reader, 0);
        pn_import_native(r->import, "}");
        return;
    }
    geo_read(&other, reader, 0);
    r->import->failed |= aside.failed;
    pn_table_clear(&other.geo);
    pn_import_clear(&aside);
}

/* One that begins no block. */
static void
plain_directive(struct reading *r, const struct pn_nginx_directive *d, size_t block)
{
    const struct pn_str word = d->words[0];

    if (pn_str_is(word, "include"))
        pn_import_note(r->import, 0, d->line, "a file is included, and not read");
    else if (pn_str_is(word, "satisfy") && d->count == 2 &&
             pn_str_is(d->words[1], "any"))
        pn_import_note(
            r->import, 0, d->line,
            "satisfy any: who is denied here may come in there by what else is "
            "asked");
    else if (!pn_str_is(word, "allow") && !pn_str_is(word, "deny"))
        return;
    else if (d->count == 2)
        access_add(r, d, block);
    else
        pn_import_error(
            r->import, 0, d->line,
            "%.*s has one value: nginx refuses any other number, and a line "
            "without its \";\" goes on in the next",
            shown(word), word.ptr);
}

/* All of a file; blocks that are not ours are gone through. */
static void
file_read(struct reading *r)
{
    struct pn_nginx_reader reader = {
        { r->import->files[0].text, r->import->files[0].size }, 1
    };
    struct pn_nginx_directive d;
    size_t block = 0, blocks = 0, depth = 0;
    size_t open[64] = { 0 };

    for (pn_nginx_next(&reader, &d); d.end != PN_NGINX_END && !r->import->failed;
         pn_nginx_next(&reader, &d)) {
        if (d.end == PN_NGINX_FAULT || (d.end == PN_NGINX_CLOSE && !depth) ||
            (d.end == PN_NGINX_OPEN && depth == 64)) {
            pn_import_error(r->import, 0, d.line, "this is no configuration of nginx");
            return;
        }
        if (d.end == PN_NGINX_CLOSE) {
            block = open[--depth];
        } else if (d.end == PN_NGINX_OPEN && pn_str_is(d.words[0], "geo") &&
                   (d.count == 2 || d.count == 3)) {
            geo_begin(r, &reader, &d);
        } else if (d.end == PN_NGINX_OPEN) {
            open[depth++] = block;
            block = ++blocks;
        } else {
            plain_directive(r, &d, block);
        }
    }
    if (depth)
        pn_import_error(r->import, 0, d.line, "a block does not end");
}

/* A mark in front of a file is a part of its first word to nginx, which knows no such.
 */
static bool
is_marked(struct reading *r)
{
    const struct pn_source *file = &r->import->files[0];
    const bool marked =
        pn_str_begins((struct pn_str){ file->text, file->size }, "\xef\xbb\xbf");

    if (marked)
        pn_import_error(r->import, 0, 1,
                        "a byte order mark stands in front: nginx refuses the file");
    return marked;
}

static void
access_write(struct reading *r)
{
    const struct access *access = &r->access;

    pn_ordered_write(&access->rules, r->import);
    pn_table_others_write(r->import, 0, access->all_line,
                          !access->all_line || access->all_allows);
}

static void
found_write(struct reading *r)
{
    const char *wanted = r->import->wants.name;

    if (r->geos > 1)
        pn_import_error(r->import, 0, r->geo_line,
                        "there is more than one geo block: --name says which variable");
    else if (wanted && !r->geos)
        pn_import_error(r->import, 0, 0, "there is no geo block of \"%s\"", wanted);
    else if (!r->geos && !r->access.line)
        pn_import_error(r->import, 0, 0, "there are no allow, deny and geo in it");
    else if (r->geos && r->access.line && !wanted)
        pn_import_error(r->import, 0, r->access.line,
                        "there are allow and deny, and a geo block in line %zu: "
                        "--name takes the block of a variable",
                        r->geo_line);
    else if (r->geos)
        pn_table_write(&r->geo, r->import, r->variable);
    else
        access_write(r);
}

void
pn_import_nginx(struct pn_import *import)
{
    struct reading r = { .import = import };

    if (!is_marked(&r))
        file_read(&r);
    if (!import->has_errors)
        found_write(&r);
    pn_ordered_clear(&r.access.rules);
    pn_table_clear(&r.geo);
}
