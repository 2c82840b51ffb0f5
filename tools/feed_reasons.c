/* What is said when a list is refused. */
#include "tools/feed.h"
#include "tools/render/json.h"

struct pn_buffer *
pn_feed_break(struct pn_feed *feed, enum pn_feed_bound bound, uint8_t family)
{
    struct pn_feed_reason *reason = &feed->reasons[feed->reason_count++];

    reason->bound = bound;
    reason->family = family;
    return &reason->text;
}

int
pn_feed_unread(struct pn_feed *feed, const struct pn_diags *diags)
{
    const struct pn_diag *first = diags->items;

    if (feed->common->format == PN_FORMAT_JSON) {
        pn_json_findings(&feed->tool->out, diags);
        return PN_EXIT_USAGE;
    }
    for (size_t i = diags->count; i-- > 0;)
        if (pn_diag_info[diags->items[i].id].severity == PN_ERROR || !diags->errors)
            first = &diags->items[i];
    if (diags->count)
        (void)pn_tool_failf(feed->tool, 0, "%s stays as it was: %s:%zu: %s", feed->out,
                            first->at.name, first->at.line, pn_diag_message(first));
    pn_tool_diagnostics(feed->tool, feed->common, diags);
    return PN_EXIT_USAGE;
}
