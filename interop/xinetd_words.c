/* A line is a block's begin or end, an attribute, or an include. */
#include "interop/xinetd_words.h"

#include "compiler/list_words.h"
#include "interop/import.h"

struct pn_xinetd_reader
pn_xinetd_begin(const struct pn_source *file)
{
    return (struct pn_xinetd_reader){ .rest = { file->text, file->size } };
}

/* "NAME = VALUE", "NAME += VALUE" or "NAME -= VALUE". */
static void
attribute_read(struct pn_xinetd_line *out, struct pn_str line)
{
    struct pn_str value = line;

    out->name = pn_list_trim(pn_str_cut(&value, '='));
    out->sign = '=';
    if (!value.ptr || !out->name.len)
        return;
    if (memchr("+-", out->name.ptr[out->name.len - 1], 2)) {
        out->sign = out->name.ptr[out->name.len - 1];
        out->name = pn_list_trim(pn_str_to(out->name, out->name.len - 1));
    }
    out->value = pn_list_trim(value);
    out->kind = out->name.len ? PN_XINETD_ATTRIBUTE : PN_XINETD_FAULT;
}

/* A line outside of blocks. */
static void
head_read(struct pn_xinetd_line *out, struct pn_str line)
{
    out->name = pn_import_word(&line);
    out->value = pn_list_trim(line);
    if (pn_str_is(out->name, "defaults") && !out->value.len)
        out->kind = PN_XINETD_DEFAULTS;
    else if (pn_str_is(out->name, "service") && out->value.len)
        out->kind = PN_XINETD_SERVICE;
    else if (pn_str_begins(out->name, "include") && out->value.len)
        out->kind = PN_XINETD_INCLUDE;
}

bool
pn_xinetd_next(struct pn_xinetd_reader *reader, struct pn_xinetd_line *out)
{
    while (reader->rest.len) {
        struct pn_str line = pn_list_trim(pn_str_cut(&reader->rest, '\n'));

        reader->line++;
        if (!line.len || *line.ptr == '#')
            continue;
        if (pn_str_is(line, "{") && !reader->inside) {
            reader->inside = true;
            continue;
        }
        *out = (struct pn_xinetd_line){ .kind = PN_XINETD_FAULT, .line = reader->line };
        if (pn_str_is(line, "}") && reader->inside) {
            reader->inside = false;
            out->kind = PN_XINETD_CLOSE;
        } else if (reader->inside)
            attribute_read(out, line);
        else
            head_read(out, line);
        return true;
    }
    return false;
}
