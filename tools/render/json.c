/* JSON: strings that survive any bytes, and findings. */
#include "tools/render/json.h"

#include <string.h>

#include "base/utf8.h"

static void
json_character(struct pn_output *output, const char *bytes, size_t length,
               uint32_t code)
{
    static const char named[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    const char *at = code && code < 0x80 ? strchr(named, (int)code) : NULL;

    if (at) {
        char escape[2] = { '\\', letters[at - named] };
        pn_output_add(output, escape, sizeof(escape));
    } else if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) {
        pn_output_format(output, "\\u%04x", (unsigned)code);
    } else {
        pn_output_add(output, bytes, length);
    }
}

void
pn_json_string(struct pn_output *output, const char *bytes, size_t size)
{
    pn_output_add(output, "\"", 1);
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = pn_utf8_decode(bytes + at, size - at, &code);

        if (length) {
            json_character(output, bytes + at, length, code);
            at += length;
        } else {
            pn_output_format(output, "\\udc%02x", (unsigned)(unsigned char)bytes[at++]);
        }
    }
    pn_output_add(output, "\"", 1);
}

static void
json_text(struct pn_output *output, const char *text)
{
    pn_json_string(output, text, strlen(text));
}

static void
json_place(struct pn_output *output, const struct pn_excerpt *at)
{
    pn_output_text(output, "\"file\": ");
    json_text(output, at->name);
    pn_output_format(output, ", \"line\": %zu, \"column\": %zu, \"end_column\": %zu",
                     at->line, at->column, at->column + at->size);
}

static void
json_related(struct pn_output *output, const struct pn_diag *diag)
{
    for (size_t i = 0; i < diag->related_count; i++) {
        pn_output_text(output, i ? ", {" : ", \"related\": [{");
        json_place(output, &diag->related[i].at);
        pn_output_text(output, ", \"message\": ");
        json_text(output, diag->related[i].message);
        pn_output_text(output, "}");
    }
    pn_output_text(output, diag->related_count ? "]" : "");
}

/* One fix, or the alternatives that the author is to choose from. */
static void
json_fixes(struct pn_output *output, const struct pn_diag *diag)
{
    for (size_t i = 0; i < diag->fix_count; i++) {
        const struct pn_fix *fix = &diag->fixes[i];

        pn_output_text(output, i ? ", " : ", \"fixes\": [");
        pn_output_format(output,
                         "{\"safe\": false, \"edits\": [{\"line\": %zu, "
                         "\"column\": %zu, \"end_column\": %zu, \"text\": ",
                         diag->at.line, fix->column, fix->column + fix->size);
        json_text(output, fix->text);
        pn_output_text(output, "}]}");
    }
    pn_output_text(output, diag->fix_count ? "]" : "");
}

static void
json_finding(struct pn_output *output, const struct pn_diag *diag)
{
    const struct pn_diag_info *info = &pn_diag_info[diag->id];

    pn_output_format(output,
                     "{\"code\": \"P000\", \"name\": \"syntax-error\", "
                     "\"kind\": \"%s\", \"severity\": \"%s\", ",
                     info->slug, pn_severity_name[info->severity]);
    json_place(output, &diag->at);
    pn_output_text(output, ", \"message\": ");
    json_text(output, pn_diag_message(diag));
    if (diag->note) {
        pn_output_text(output, ", \"note\": ");
        json_text(output, diag->note);
    }
    pn_output_text(output, ", \"help\": ");
    json_text(output, pn_diag_help(diag));
    json_related(output, diag);
    json_fixes(output, diag);
    pn_output_text(output, "}");
}

void
pn_json_findings(struct pn_output *output, const struct pn_diags *diags)
{
    pn_output_text(output, "{\"schema\": 1, \"findings\": [");
    for (size_t i = 0; i < diags->count; i++) {
        pn_output_text(output, i ? ",\n" : "\n");
        json_finding(output, &diags->items[i]);
    }
    pn_output_format(output, "%s], \"summary\": {\"error\": %zu, \"warning\": %zu}}\n",
                     diags->count ? "\n" : "", diags->errors,
                     diags->total - diags->errors);
}
