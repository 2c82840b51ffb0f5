/* What came and what went, for people and for programs. */
#include <errno.h>
#include <string.h>

#include "analysis/extent_text.h"
#include "base/sizes.h"
#include "compiler/number_text.h"
#include "tools/feed.h"
#include "tools/render/json.h"

enum { SHOWN = 5 };

static const char *const ends[] = { [PN_FEED_REPLACED] = "replaced",
                                    [PN_FEED_EQUAL] = "equal",
                                    [PN_FEED_REFUSED] = "refused" };

/* The number of addresses in digits, with 2^128 too, which is no pn_number. */
static void
size_digits(struct pn_buffer *out, const struct pn_intervals *list)
{
    pn_number size = pn_intervals_size(list);

    if (list->count && !size)
        pn_digits_write(out, PN_STR("340282366920938463463374607431768211456"), "");
    else
        pn_number_write_grouped(out, size, "");
}

static void
size_people(struct pn_buffer *out, const struct pn_intervals *list)
{
    pn_number size = pn_intervals_size(list);

    if (list->count && !size)
        pn_buffer_add_text(out, "2^128");
    else
        pn_number_write_people(out, size);
}

/* "  comes: 10.0.0.0/8, 192.0.2.1 and 3 smaller ranges", a line for a family. */
static void
ranges_text(struct pn_buffer *out, const char *label, const struct pn_address_set *set)
{
    for (unsigned f = 0; f < PN_FAMILIES; f++) {
        struct pn_interval shown[SHOWN];
        size_t count = pn_intervals_largest(&set->families[f], shown, SHOWN);
        size_t more = set->families[f].count - count;

        for (size_t i = 0; i < count; i++) {
            pn_buffer_add_text(out, i ? ", " : label);
            pn_interval_write(out, &shown[i], pn_family_at(f));
        }
        if (more)
            pn_buffer_add_format(out, " and %zu more range%s, none larger", more,
                                 more == 1 ? "" : "s");
        if (count)
            pn_buffer_add_text(out, "\n");
    }
}

static void
family_text(struct pn_buffer *out, const struct pn_feed *feed, unsigned f)
{
    const struct pn_intervals *before = &feed->before.read.set.families[f],
                              *after = &feed->after.read.set.families[f];

    if (!before->count && !after->count)
        return;
    pn_buffer_add_format(out, "  IPv%u addresses: ", pn_family_at(f));
    size_people(out, before);
    pn_buffer_add_text(out, " -> ");
    size_people(out, after);
    pn_buffer_add_text(out, "; ");
    size_people(out, &feed->change.came.families[f]);
    pn_buffer_add_text(out, " come, ");
    size_people(out, &feed->change.went.families[f]);
    pn_buffer_add_text(out, " go\n");
}

static void
client_write(struct pn_buffer *out, const struct pn_feed_met *met)
{
    struct postern_addr addr = pn_number_address(met->client, met->family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&addr, text);
    pn_buffer_add_text(out, text);
}

static void
met_text(struct pn_buffer *out, const struct pn_feed_met *met)
{
    pn_buffer_add_format(out, "  it has of $%s (%s:%zu): ", met->set, met->file,
                         met->line);
    client_write(out, met);
    pn_buffer_add_text(out, met->is_denied ? ", which would be denied\n" : "\n");
}

void
pn_feed_text(const struct pn_feed *feed, enum pn_feed_end end, struct pn_output *out)
{
    struct pn_buffer text = { 0 };

    if (end != PN_FEED_REFUSED)
        pn_buffer_add_format(&text, "%s: %s\n", feed->out, ends[end]);
    pn_buffer_add_format(&text, "  entries: %zu -> %zu\n", feed->before.read.entries,
                         feed->after.read.entries);
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        family_text(&text, feed, f);
    ranges_text(&text, "  comes: ", &feed->change.came);
    ranges_text(&text, "  goes: ", &feed->change.went);
    for (size_t i = 0; i < feed->met_count; i++)
        met_text(&text, &feed->met[i]);
    if (text.failed)
        out->error = out->error ? out->error : ENOMEM;
    else
        pn_output_add(out, text.bytes, text.size);
    pn_buffer_free(&text);
}

static void
json_text(struct pn_output *out, const char *label, const char *text)
{
    pn_output_text(out, label);
    pn_json_string(out, text, strlen(text));
}

/* A text that is made in a buffer, as a string. */
static void
json_buffer(struct pn_output *out, struct pn_buffer *text)
{
    if (text->failed)
        out->error = out->error ? out->error : ENOMEM;
    pn_json_string(out, text->failed ? "" : text->bytes, text->failed ? 0 : text->size);
    pn_buffer_free(text);
}

static void
json_ranges(struct pn_output *out, const char *label, const struct pn_intervals *list,
            uint8_t family)
{
    struct pn_interval shown[SHOWN];
    size_t count = pn_intervals_largest(list, shown, SHOWN);

    pn_output_text(out, label);
    for (size_t i = 0; i < count; i++) {
        struct pn_buffer text = { 0 };

        pn_output_text(out, i ? ", " : "");
        pn_interval_write(&text, &shown[i], family);
        json_buffer(out, &text);
    }
    pn_output_text(out, "]");
}

static void
json_family(struct pn_output *out, const struct pn_feed *feed, unsigned f)
{
    const struct {
        const char *name;
        const struct pn_intervals *list;
    } sizes[] = { { "before", &feed->before.read.set.families[f] },
                  { "after", &feed->after.read.set.families[f] },
                  { "came", &feed->change.came.families[f] },
                  { "went", &feed->change.went.families[f] } };

    pn_output_format(out, "%s{\"family\": %u", f ? ", " : "", pn_family_at(f));
    for (size_t i = 0; i < PN_COUNT_OF(sizes); i++) {
        struct pn_buffer text = { 0 };

        pn_output_format(out, ", \"%s\": ", sizes[i].name);
        size_digits(&text, sizes[i].list);
        json_buffer(out, &text);
    }
    json_ranges(out, ", \"largest_came\": [", sizes[2].list, pn_family_at(f));
    json_ranges(out, ", \"largest_went\": [", sizes[3].list, pn_family_at(f));
    pn_output_text(out, "}");
}

static void
json_reasons(struct pn_output *out, const struct pn_feed *feed)
{
    static const char *const bounds[PN_BOUND_COUNT] = {
        [PN_BOUND_LOSS] = "max-loss", [PN_BOUND_GAIN] = "max-gain",
        [PN_BOUND_MIN] = "min",       [PN_BOUND_CLAIMS] = "claims",
        [PN_BOUND_GUARD] = "guard",   [PN_BOUND_SETS] = "sets",
    };

    pn_output_text(out, "], \"reasons\": [");
    for (size_t i = 0; i < feed->reason_count; i++) {
        const struct pn_feed_reason *reason = &feed->reasons[i];
        struct pn_buffer text = { 0 };

        pn_output_format(out, "%s{\"bound\": \"%s\"", i ? ", " : "",
                         bounds[reason->bound]);
        if (reason->family)
            pn_output_format(out, ", \"family\": %u", reason->family);
        pn_output_text(out, ", \"text\": ");
        text.failed = reason->text.failed;
        pn_buffer_add_str(&text, pn_str_of(&reason->text));
        json_buffer(out, &text);
        pn_output_text(out, "}");
    }
}

static void
json_met(struct pn_output *out, const struct pn_feed *feed)
{
    pn_output_text(out, "], \"sets\": [");
    for (size_t i = 0; i < feed->met_count; i++) {
        const struct pn_feed_met *met = &feed->met[i];
        struct pn_buffer text = { 0 };

        json_text(out, i ? ", {\"set\": " : "{\"set\": ", met->set);
        json_text(out, ", \"file\": ", met->file);
        pn_output_format(out, ", \"line\": %zu, \"client\": ", met->line);
        client_write(&text, met);
        json_buffer(out, &text);
        pn_output_format(out, ", \"denied\": %s}", met->is_denied ? "true" : "false");
    }
}

/* What is odd in the new list, each kind once. */
static void
json_warnings(struct pn_output *out, const struct pn_diags *diags)
{
    pn_output_text(out, "], \"warnings\": [");
    for (size_t i = 0; i < diags->count; i++)
        pn_output_format(out, "%s\"%s\"", i ? ", " : "",
                         pn_diag_info[diags->items[i].id].slug);
}

void
pn_feed_json(const struct pn_feed *feed, enum pn_feed_end end)
{
    struct pn_output *out = &feed->tool->out;

    pn_output_format(out, "{\"schema\": 1, \"result\": \"%s\"", ends[end]);
    json_text(out, ", \"old\": ", feed->before.name);
    json_text(out, ", \"new\": ", feed->after.name);
    json_text(out, ", \"out\": ", feed->out);
    pn_output_format(out,
                     ", \"entries\": {\"before\": %zu, \"after\": %zu}, "
                     "\"families\": [",
                     feed->before.read.entries, feed->after.read.entries);
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        json_family(out, feed, f);
    json_reasons(out, feed);
    json_met(out, feed);
    json_warnings(out, &feed->after.diags);
    pn_output_text(out, "]}\n");
}
