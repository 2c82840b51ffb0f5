/* Hits as JSON, and as metrics. */
#include <inttypes.h>
#include <string.h>

#include "tools/render/answer.h"
#include "tools/render/hits.h"
#include "tools/render/json.h"

/* One bucket for so many of the file's, which are finer than a graph shows. */
enum { BUCKETS_APART = PN_COUNTS_PARTS, NS_DIGITS = 9 };

static void
text_or_null(struct pn_output *out, struct postern_str text)
{
    if (text.ptr)
        pn_json_string(out, text.ptr, text.len);
    else
        pn_output_text(out, "null");
}

/* Seconds since 1970; null for never. */
static void
moment(struct pn_output *out, uint64_t seconds)
{
    if (seconds)
        pn_output_format(out, "%" PRIu64, seconds);
    else
        pn_output_text(out, "null");
}

static void
rule_json(struct pn_output *out, const struct pn_hit *hit, uint64_t identity)
{
    pn_output_format(out, "{\"identity\": \"%016" PRIx64 "\"", identity);
    if (hit && !hit->gone && identity != PN_COUNTS_NO_RULE) {
        pn_output_text(out, ", \"file\": ");
        text_or_null(out, hit->rule.file);
        pn_output_format(out, ", \"line\": %zu, \"target\": ", hit->rule.line);
        text_or_null(out, hit->rule.target);
        pn_output_format(out, ", \"verdict\": \"%s\"",
                         pn_verdict_text(hit->rule.decision.verdict));
    }
    pn_output_format(out, ", \"state\": \"%s\"",
                     identity == PN_COUNTS_NO_RULE ? "none"
                     : !hit || hit->gone           ? "gone"
                                                   : "here");
}

static void
hit_json(struct pn_output *out, const struct pn_hit *hit)
{
    rule_json(out, hit, hit->identity);
    pn_output_format(out,
                     ", \"hits\": %" PRIu64 ", \"limited\": %" PRIu64
                     ", \"rated\": %" PRIu64 ", \"penalised\": %" PRIu64 ", \"last\": ",
                     hit->hits, hit->limited, hit->rated, hit->penalised);
    moment(out, hit->last_s);
    pn_output_text(out, "}");
}

static void
pair_json(struct pn_output *out, const struct pn_hits *hits,
          const struct pn_hits_view *view, const struct pn_counts_row *row)
{
    struct postern_addr client = { .family = row->family };
    char text[POSTERN_ADDR_TEXT_SIZE];
    const char *before = "";

    memcpy(client.bytes, row->pair.address, sizeof(client.bytes));
    (void)postern_addr_print(&client, text); /* a family that is checked */
    pn_output_text(out, "{\"live\": ");
    rule_json(out, pn_hits_find(hits, row->identity), row->identity);
    pn_output_text(out, "}, \"shadow\": ");
    rule_json(out, view->shadow ? pn_hits_find(view->shadow, row->pair.shadow) : NULL,
              row->pair.shadow);
    pn_output_text(out, "}, \"differences\": [");
    for (size_t i = 0; i < PN_COUNTS_DIFFERENCES; i++)
        if (row->differences & ~(unsigned)PN_COUNTS_UNDECIDED & 1u << i) {
            pn_output_format(out, "%s\"%s\"", before, pn_counts_difference_words[i]);
            before = ", ";
        }
    pn_output_format(out,
                     "], \"clients\": %" PRIu64 ", \"undecided\": %" PRIu64
                     ", \"example\": \"%s\", \"last\": ",
                     row->pair.count, row->pair.undecided, text);
    moment(out, row->pair.last_s);
    pn_output_text(out, "}");
}

static void
durations_json(struct pn_output *out, const char *name,
               const struct pn_counts_histogram *histogram)
{
    pn_output_format(out,
                     ", \"%s\": {\"count\": %" PRIu64 ", \"half_ns\": %" PRIu64
                     ", \"most_ns\": %" PRIu64 "}",
                     name, histogram->count, pn_hits_quantile(histogram, 500),
                     pn_hits_quantile(histogram, 990));
}

static void
rows_json(struct pn_output *out, const struct pn_hits *hits,
          const struct pn_hits_view *view)
{
    const char *before = "\n";

    for (size_t i = 0; !view->pairs && i < hits->count; i++)
        if (pn_hits_shows(hits, view, &hits->items[i])) {
            pn_output_text(out, before);
            hit_json(out, &hits->items[i]);
            before = ",\n";
        }
    for (uint64_t i = 0; view->pairs && i < hits->counts.header.used; i++)
        if (hits->counts.rows[i].kind == PN_COUNTS_PAIR) {
            pn_output_text(out, before);
            pair_json(out, hits, view, &hits->counts.rows[i]);
            before = ",\n";
        }
}

void
pn_hits_json(struct pn_output *out, const struct pn_hits *hits,
             const struct pn_hits_view *view, const struct pn_style *style)
{
    const struct pn_counts_header *h = &hits->counts.header;

    (void)style;
    pn_output_text(out, "{\"schema\": 1, \"counts\": ");
    pn_json_string(out, view->name, strlen(view->name));
    pn_output_text(out, ", \"policy\": ");
    text_or_null(out, (struct postern_str){ view->policy,
                                            view->policy ? strlen(view->policy) : 0 });
    pn_output_format(out,
                     ", \"created\": %" PRIu64 ", \"updated\": ", h->fixed.created_s);
    moment(out, h->updated_s);
    pn_output_text(out, ", \"totals\": {");
    for (size_t i = 0; i < PN_COUNTS_TOTALS; i++)
        pn_output_format(out, "%s\"%s\": %" PRIu64, i ? ", " : "",
                         pn_counts_total_names[i], h->totals[i]);
    pn_output_format(out, "}, \"uncounted\": %" PRIu64, h->uncounted);
    durations_json(out, "decisions", &h->decisions);
    durations_json(out, "lookups", &h->lookups);
    pn_output_format(out, ", \"%s\": [", view->pairs ? "pairs" : "rules");
    rows_json(out, hits, view);
    pn_output_text(out, "\n]}\n");
}

/* --- Prometheus */

static void
metric(struct pn_output *out, const char *name, const char *type, const char *help)
{
    pn_output_format(out, "# HELP postern_%s %s\n# TYPE postern_%s %s\n", name, help,
                     name, type);
}

/* The value of a label: a backslash, a quote and a newline are escaped; bytes that no
 * text has are shown as what they are. */
static void
label_value(struct pn_output *out, struct postern_str text)
{
    pn_output_text(out, "\"");
    for (size_t i = 0; text.ptr && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '\n')
            pn_output_text(out, "\\n");
        else if (c == '\\' || c == '"')
            pn_output_format(out, "\\%c", c);
        else if (c < ' ' || c > '~')
            pn_output_format(out, "\\\\x%02x", c);
        else
            pn_output_add(out, &text.ptr[i], 1);
    }
    pn_output_text(out, "\"");
}

/* The name of a sample, and its labels as far as all have them. Its own follow. */
static void
sample(struct pn_output *out, const struct pn_hits_view *view, const char *name,
       const char *end)
{
    const char *sign = view->label ? strchr(view->label, '=') : NULL;

    pn_output_format(out, "postern_%s%s{", name, end);
    if (!sign)
        return;
    pn_output_add(out, view->label, (size_t)(sign - view->label) + 1);
    label_value(out, (struct postern_str){ sign + 1, strlen(sign + 1) });
    pn_output_text(out, ",");
}

/* The end of its labels. A comma behind the last one is as good as none. */
static void
value(struct pn_output *out, uint64_t number)
{
    pn_output_format(out, "} %" PRIu64 "\n", number);
}

/* No line: that a rule has moved makes it no other series. */
static void
rule_labels(struct pn_output *out, const struct pn_hit *hit)
{
    pn_output_format(out, "identity=\"%016" PRIx64 "\",file=", hit->identity);
    label_value(out, hit->rule.file);
    pn_output_text(out, ",rule=");
    label_value(out, hit->rule.target);
}

static void
rules_metric(struct pn_output *out, const struct pn_hits *hits,
             const struct pn_hits_view *view, const char *name, size_t field)
{
    for (size_t i = 0; i < hits->count; i++) {
        const struct pn_hit *hit = &hits->items[i];
        uint64_t number;

        memcpy(&number, (const char *)hit + field, sizeof(number));
        if (!pn_hits_shows(hits, view, hit) ||
            (field == offsetof(struct pn_hit, last_s) && !number))
            continue;
        sample(out, view, name, "");
        rule_labels(out, hit);
        value(out, number);
    }
}

static void
seconds(struct pn_output *out, uint64_t ns)
{
    pn_output_format(out, "%" PRIu64 ".%0*" PRIu64, ns / 1000000000, NS_DIGITS,
                     ns % 1000000000);
}

/* The number is that of the buckets that were read, so that it is never below one. */
static void
histogram_metric(struct pn_output *out, const struct pn_hits_view *view,
                 const char *name, const struct pn_counts_histogram *histogram)
{
    uint64_t below = 0;

    for (size_t i = 0; i < PN_COUNTS_BUCKETS - 1; i++) {
        below += histogram->buckets[i];
        if (i % BUCKETS_APART)
            continue;
        sample(out, view, name, "_bucket");
        pn_output_text(out, "le=\"");
        seconds(out, pn_counts_bucket_bound(i));
        pn_output_text(out, "\"");
        value(out, below);
    }
    below += histogram->buckets[PN_COUNTS_BUCKETS - 1];
    sample(out, view, name, "_bucket");
    pn_output_text(out, "le=\"+Inf\"");
    value(out, below);
    sample(out, view, name, "_sum");
    pn_output_text(out, "} ");
    seconds(out, histogram->sum_ns);
    pn_output_text(out, "\n");
    sample(out, view, name, "_count");
    value(out, below);
}

static void
server_metric(struct pn_output *out, const struct pn_hits_view *view, const char *name,
              uint64_t number)
{
    sample(out, view, name, "");
    value(out, number);
}

static void
server_metrics(struct pn_output *out, const struct pn_hits_view *view,
               const struct pn_counts_header *h)
{
    metric(out, "connections_total", "counter", "Connections, by what they came to.");
    for (size_t i = PN_COUNTS_SERVED; i < PN_COUNTS_TOTALS; i++) {
        sample(out, view, "connections_total", "");
        pn_output_format(out, "outcome=\"%s\"", pn_counts_total_names[i]);
        value(out, h->totals[i]);
    }
    metric(out, "accepted_total", "counter", "Connections that were accepted.");
    server_metric(out, view, "accepted_total", h->totals[PN_COUNTS_ACCEPTED]);
    metric(out, "uncounted_total", "counter",
           "Decisions that no rule's row had room for.");
    server_metric(out, view, "uncounted_total", h->uncounted);
    metric(out, "start_timestamp_seconds", "gauge", "When the server started.");
    server_metric(out, view, "start_timestamp_seconds", h->started_s);
    metric(out, "update_timestamp_seconds", "gauge", "When the server last counted.");
    server_metric(out, view, "update_timestamp_seconds", h->updated_s);
    metric(out, "decision_duration_seconds", "histogram", "How long a decision took.");
    histogram_metric(out, view, "decision_duration_seconds", &h->decisions);
    metric(out, "lookup_duration_seconds", "histogram",
           "How long the look-ups for a client took.");
    histogram_metric(out, view, "lookup_duration_seconds", &h->lookups);
}

void
pn_hits_prometheus(struct pn_output *out, const struct pn_hits *hits,
                   const struct pn_hits_view *view, const struct pn_style *style)
{
    static const struct {
        const char *name, *type, *help;
        size_t field;
    } metrics[] = {
        { "rule_hits_total", "counter", "Clients that a rule has decided.",
          offsetof(struct pn_hit, hits) },
        { "rule_limited_total", "counter", "Of these, refused by the rule's limit.",
          offsetof(struct pn_hit, limited) },
        { "rule_rated_total", "counter", "Of these, refused by the rule's rate.",
          offsetof(struct pn_hit, rated) },
        { "rule_penalised_total", "counter",
          "Of these, refused for how programs of their source ended.",
          offsetof(struct pn_hit, penalised) },
        { "rule_last_hit_timestamp_seconds", "gauge",
          "When a rule last decided a client.", offsetof(struct pn_hit, last_s) },
    };

    (void)style;
    server_metrics(out, view, &hits->counts.header);
    for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
        metric(out, metrics[i].name, metrics[i].type, metrics[i].help);
        rules_metric(out, hits, view, metrics[i].name, metrics[i].field);
    }
}
