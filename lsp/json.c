/* Places and URIs as the protocol has them. */
#include "lsp/json.h"

#include "base/buffer.h"
#include "base/uri.h"

json_t *
pn_json_uri(struct pn_str path)
{
    struct pn_buffer uri = { 0 };
    json_t *made = NULL;

    pn_uri_of_path(path, &uri);
    if (!uri.failed)
        made = json_stringn_nocheck(uri.bytes, uri.size);
    pn_buffer_free(&uri);
    return made;
}

json_t *
pn_json_place(struct pn_place place)
{
    json_t *made = json_object();

    if (made && pn_json_set(made, "line", json_integer(place.line)) &&
        pn_json_set(made, "character", json_integer(place.character)))
        return made;
    json_decref(made);
    return NULL;
}

/* An object of two members, which are taken over. */
static json_t *
pair(const char *first, json_t *one, const char *second, json_t *other)
{
    json_t *made = json_object();
    bool good = made && pn_json_set(made, first, one);

    if (!made)
        json_decref(one);
    if (good && pn_json_set(made, second, other))
        return made;
    if (!good)
        json_decref(other);
    json_decref(made);
    return NULL;
}

json_t *
pn_json_range(const struct pn_lsp_view *view, struct pn_span span)
{
    return pair("start",
                pn_json_place(pn_lines_place(view->lines, view->text, view->encoding,
                                             span.offset)),
                "end",
                pn_json_place(pn_lines_place(view->lines, view->text, view->encoding,
                                             span.offset + span.size)));
}

json_t *
pn_json_location(struct pn_str path, const struct pn_lsp_view *view,
                 struct pn_span span)
{
    return pair("uri", pn_json_uri(path), "range", pn_json_range(view, span));
}

/* Is an offset within "\r\n"? No position leads there. */
static bool
is_within_end(struct pn_str text, uint32_t offset)
{
    return offset && offset < text.len && text.ptr[offset - 1] == '\r' &&
           text.ptr[offset] == '\n';
}

/* An edit of a part of a line's end is one of the whole end. */
json_t *
pn_json_edit(const struct pn_lsp_view *view, struct pn_span span, struct pn_str text)
{
    bool front = is_within_end(view->text, span.offset);
    bool back = is_within_end(view->text, span.offset + span.size);
    struct pn_buffer whole = { 0 };
    json_t *made = NULL;

    if (!front && !back)
        return pair("range", pn_json_range(view, span), "newText", pn_json_text(text));
    pn_buffer_add_text(&whole, front ? "\r" : "");
    pn_buffer_add_str(&whole, text);
    pn_buffer_add_text(&whole, back ? "\n" : "");
    span.offset -= front;
    span.size += (uint32_t)front + back;
    if (!whole.failed)
        made = pair("range", pn_json_range(view, span), "newText",
                    pn_json_text(pn_str_of(&whole)));
    pn_buffer_free(&whole);
    return made;
}

bool
pn_json_read_count(const json_t *value, uint32_t *out)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || number > INT32_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

bool
pn_json_read_place(const json_t *value, struct pn_place *out)
{
    return pn_json_read_count(json_object_get(value, "line"), &out->line) &&
           pn_json_read_count(json_object_get(value, "character"), &out->character);
}

bool
pn_json_read_span(const struct pn_lsp_view *view, const json_t *range,
                  struct pn_span *out)
{
    struct pn_place start, end;
    uint32_t from, to;

    if (!pn_json_read_place(json_object_get(range, "start"), &start) ||
        !pn_json_read_place(json_object_get(range, "end"), &end))
        return false;
    from = pn_lines_offset(view->lines, view->text, view->encoding, start);
    to = pn_lines_offset(view->lines, view->text, view->encoding, end);
    if (to < from)
        return false;
    *out = (struct pn_span){ from, to - from };
    return true;
}
