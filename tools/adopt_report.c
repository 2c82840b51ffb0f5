/* The report: a line for each thing, and for each note its place. */
#include <inttypes.h>
#include <string.h>

#include "tools/adopt.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

static void
bytes_out(struct pn_output *out, const char *text)
{
    pn_render_bytes(out, pn_str_of_text(text));
}

static void
place_text(struct pn_output *out, const char *file, size_t line)
{
    bytes_out(out, file);
    if (line)
        pn_output_format(out, ":%zu", line);
}

/* What becomes of it, in a few words. */
static void
state_text(struct pn_output *out, const struct pn_adopt_item *item)
{
    static const char *const texts[] = {
        [PN_ADOPT_UNREAD] = "nobody reads it",
        [PN_ADOPT_STAYS] = "stays as it is",
    };

    if (item->state != PN_ADOPT_GOES) {
        pn_output_text(out, texts[item->state]);
        return;
    }
    if (item->policy.size)
        pn_output_format(out, "policies/%s.rules", item->name);
    if (item->policy.size && item->run.size)
        pn_output_text(out, ", ");
    if (item->run.size && strcmp(item->script_name, "run") == 0)
        pn_output_format(out, "services/%s/run", item->name);
    else if (item->run.size)
        pn_output_format(out, "units/%s", item->script_name);
}

static void
item_text(struct pn_output *out, const struct pn_adopt_item *item)
{
    place_text(out, item->file, item->line);
    pn_output_format(out, ": %s", pn_adopt_kinds[item->kind]);
    if (item->what) {
        pn_output_text(out, ", ");
        bytes_out(out, item->what);
    }
    pn_output_text(out, ": ");
    state_text(out, item);
    pn_output_text(out, "\n");
    for (size_t i = 0; i < item->log_count; i++) {
        const struct pn_adopt_log *log = &item->logs[i];

        pn_output_text(out, "  ");
        bytes_out(out, log->path);
        pn_output_format(out, ": %" PRIu64 " connection%s, %" PRIu64 " otherwise",
                         log->connections, log->connections == 1 ? "" : "s",
                         log->changed);
        if (log->changed)
            pn_output_format(out, ", the first %s of line %" PRIu64, log->client,
                             log->line);
        if (log->unread)
            pn_output_format(out, ", %" PRIu64 " not told as they were", log->unread);
        pn_output_text(out, "\n");
    }
}

void
pn_adopt_report_text(struct pn_adopt *adopt, const char *dir)
{
    struct pn_output *out = &adopt->tool->out, *err = &adopt->tool->err;
    size_t counts[3] = { 0 };

    for (size_t i = 0; i < adopt->item_count; i++) {
        item_text(out, &adopt->items[i]);
        counts[adopt->items[i].state]++;
    }
    pn_output_format(out, "%zu to go over, %zu that nobody reads, %zu that stay\n",
                     counts[PN_ADOPT_GOES], counts[PN_ADOPT_UNREAD],
                     counts[PN_ADOPT_STAYS]);
    for (size_t i = 0; i < adopt->note_count; i++) {
        place_text(err, adopt->notes[i].file, adopt->notes[i].line);
        pn_output_text(err, adopt->notes[i].is_error ? ": error: " : ": note: ");
        bytes_out(err, adopt->notes[i].text);
        pn_output_text(err, "\n");
    }
    if (dir) {
        bytes_out(out, dir);
        pn_output_text(out, "/CUTOVER.md says how, and how back\n");
    }
}

static void
text_json(struct pn_output *out, const char *name, const char *text)
{
    if (!text)
        return;
    pn_output_format(out, ", \"%s\": ", name);
    pn_json_string(out, text, strlen(text));
}

static void
logs_json(struct pn_output *out, const struct pn_adopt_item *item)
{
    pn_output_text(out, ", \"logs\": [");
    for (size_t i = 0; i < item->log_count; i++) {
        const struct pn_adopt_log *log = &item->logs[i];

        pn_output_text(out, i ? ", {\"file\": " : "{\"file\": ");
        pn_json_string(out, log->path, strlen(log->path));
        pn_output_format(out,
                         ", \"connections\": %" PRIu64 ", \"changed\": %" PRIu64
                         ", \"unread\": %" PRIu64,
                         log->connections, log->changed, log->unread);
        if (log->changed)
            pn_output_format(out, ", \"line\": %" PRIu64 ", \"client\": \"%s\"",
                             log->line, log->client);
        pn_output_text(out, "}");
    }
    pn_output_text(out, "]");
}

static void
place_json(struct pn_output *out, const char *file, size_t line)
{
    pn_output_text(out, "{\"file\": ");
    pn_json_string(out, file, strlen(file));
    if (line)
        pn_output_format(out, ", \"line\": %zu", line);
}

static void
item_json(struct pn_output *out, const struct pn_adopt_item *item)
{
    place_json(out, item->file, item->line);
    text_json(out, "kind", pn_adopt_kinds[item->kind]);
    text_json(out, "state", pn_adopt_states[item->state]);
    text_json(out, "what", item->what);
    text_json(out, "daemon", item->daemon);
    text_json(out, "reader", item->reader);
    text_json(out, "rules", item->rules);
    text_json(out, "port", item->port);
    if (item->is_down)
        pn_output_text(out, ", \"down\": true");
    text_json(out, "name", item->name);
    if (item->name && item->policy.size)
        pn_output_format(out, ", \"policy\": \"policies/%s.rules\"", item->name);
    if (item->name && item->run.size)
        text_json(out, "script", item->script_name);
    if (item->log_count)
        logs_json(out, item);
    pn_output_text(out, "}");
}

void
pn_adopt_report_json(struct pn_adopt *adopt, const char *dir)
{
    struct pn_output *out = &adopt->tool->out;

    pn_output_text(out, "{\"schema\": 1, \"root\": ");
    pn_json_string(out, adopt->root, strlen(adopt->root));
    text_json(out, "written", dir);
    pn_output_text(out, ", \"found\": [");
    for (size_t i = 0; i < adopt->item_count; i++) {
        pn_output_text(out, i ? ",\n" : "\n");
        item_json(out, &adopt->items[i]);
    }
    pn_output_text(out, "], \"notes\": [");
    for (size_t i = 0; i < adopt->note_count; i++) {
        const struct pn_adopt_note *note = &adopt->notes[i];

        pn_output_text(out, i ? ",\n" : "\n");
        place_json(out, note->file, note->line);
        text_json(out, "severity", note->is_error ? "error" : "note");
        text_json(out, "message", note->text);
        pn_output_text(out, "}");
    }
    pn_output_text(out, "]}\n");
}
