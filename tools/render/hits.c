/* Hits as a table, the most first; what was never hit says so. */
#define _XOPEN_SOURCE 700 /* gmtime_r(3) */
#include "tools/render/hits.h"
#include "base/sizes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compiler/number_text.h"
#include "tools/render/answer.h"
#include "tools/render/printed.h"

enum { DATE_SIZE = 24, COUNT_MIN = 9 };

bool
pn_hits_shows(const struct pn_hits *hits, const struct pn_hits_view *view,
              const struct pn_hit *hit)
{
    return !view->unused ||
           pn_hit_is_unused(hit, view->seconds, hits->counts.header.updated_s);
}

/* "2026-11-30 02:31", of the wall clock in UTC; "never" for 0. */
static const char *
date_print(uint64_t seconds, char out[DATE_SIZE])
{
    time_t at = (time_t)seconds;
    struct tm parts;

    if (!seconds || !gmtime_r(&at, &parts) ||
        !strftime(out, DATE_SIZE, "%Y-%m-%d %H:%M", &parts))
        snprintf(out, DATE_SIZE, "never");
    return out;
}

static void
number(struct pn_output *out, uint64_t value)
{
    struct pn_buffer text = { 0 };

    pn_number_write(&text, value);
    pn_output_add(out, text.bytes, text.size);
    pn_buffer_free(&text);
}

/* Right-aligned in `width` columns. */
static void
number_column(struct pn_output *out, uint64_t value, size_t width)
{
    struct pn_buffer text = { 0 };

    pn_number_write(&text, value);
    pn_output_format(out, "%*.*s", (int)width, (int)text.size, text.bytes);
    pn_buffer_free(&text);
}

static void
duration(struct pn_output *out, uint64_t ns)
{
    static const struct {
        uint64_t unit;
        const char *name;
    } units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
    size_t i = 0;

    while (units[i].unit > 1 && ns < units[i].unit)
        i++;
    if (ns == UINT64_MAX)
        pn_output_text(out, "more than a minute");
    else if (units[i].unit == 1 || ns / units[i].unit >= 10)
        pn_output_format(out, "%" PRIu64 " %s", ns / units[i].unit, units[i].name);
    else
        pn_output_format(out, "%" PRIu64 ".%" PRIu64 " %s", ns / units[i].unit,
                         ns % units[i].unit * 10 / units[i].unit, units[i].name);
}

static void
durations(struct pn_output *out, const char *what,
          const struct pn_counts_histogram *histogram)
{
    if (!histogram->count)
        return;
    pn_output_format(out, "  %s within ", what);
    duration(out, pn_hits_quantile(histogram, 500));
    pn_output_text(out, " (half), ");
    duration(out, pn_hits_quantile(histogram, 990));
    pn_output_text(out, " (99 of 100)\n");
}

static void
summary(struct pn_output *out, const struct pn_hits *hits,
        const struct pn_hits_view *view)
{
    const struct pn_counts_header *h = &hits->counts.header;
    char since[DATE_SIZE], until[DATE_SIZE];

    pn_output_format(out, "%s: ", view->name);
    number(out, h->totals[PN_COUNTS_ACCEPTED]);
    pn_output_format(out, " connection%s since %s",
                     h->totals[PN_COUNTS_ACCEPTED] == 1 ? "" : "s",
                     date_print(h->fixed.created_s, since));
    if (h->updated_s)
        pn_output_format(out, " and until %s", date_print(h->updated_s, until));
    pn_output_text(out, " UTC\n");
    for (size_t i = PN_COUNTS_SERVED; i < PN_COUNTS_TOTALS; i++) {
        pn_output_format(out, "%s%s ", i == PN_COUNTS_SERVED ? "  " : ", ",
                         pn_counts_total_names[i]);
        number(out, h->totals[i]);
    }
    pn_output_text(out, "\n");
    durations(out, "decided", &h->decisions);
    durations(out, "looked up", &h->lookups);
    if (h->uncounted) {
        pn_output_text(out, "  not counted by rule, for want of room: ");
        number(out, h->uncounted);
        pn_output_text(out, "\n");
    }
}

/* "mail.rules:4: 10.0.0.0/8 : deny", as much of it as is known. `is_known`: its policy
 * is. */
static void
rule_text(struct pn_output *out, const struct pn_hit *hit, uint64_t identity,
          bool is_known)
{
    if (!hit || hit->gone) {
        pn_output_format(out, "rule %016" PRIx64 "%s", identity,
                         is_known ? ", which is not there any more" : "");
        return;
    }
    if (identity == PN_COUNTS_NO_RULE || hit->rule.nobody) {
        pn_output_text(out, "no rule");
        return;
    }
    if (hit->rule.file.ptr) {
        pn_render_bytes(out, (struct pn_str){ hit->rule.file.ptr, hit->rule.file.len });
        if (hit->rule.line)
            pn_output_format(out, ":%zu", hit->rule.line);
        pn_output_text(out, ": ");
    } else if (hit->rule.line) {
        pn_output_format(out, "line %zu: ", hit->rule.line);
    }
    if (hit->rule.target.len)
        pn_render_bytes(out,
                        (struct pn_str){ hit->rule.target.ptr, hit->rule.target.len });
    else
        pn_output_text(out, "the default");
    pn_output_format(out, " : %s", pn_verdict_text(hit->rule.decision.verdict));
}

static void
struck_text(struct pn_output *out, const struct pn_hit *hit)
{
    const struct {
        uint64_t count;
        const char *word;
    } rows[] = { { hit->limited, " limited" },
                 { hit->rated, " rated" },
                 { hit->penalised, " penalised" } };
    const char *before = " (";

    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        if (rows[i].count) {
            pn_output_text(out, before);
            number(out, rows[i].count);
            pn_output_text(out, rows[i].word);
            before = ", ";
        }
    if (*before == ',')
        pn_output_text(out, ")");
}

static void
hit_text(struct pn_output *out, const struct pn_hit *hit,
         const struct pn_hits_view *view, const struct pn_style *style)
{
    char date[DATE_SIZE];

    if (!hit->hits)
        pn_style_paint(out, style, PN_PAINT_YELLOW);
    number_column(out, hit->hits, COUNT_MIN);
    pn_output_format(out, "  %-16s  ", date_print(hit->last_s, date));
    if (!hit->hits)
        pn_style_paint(out, style, PN_PAINT_RESET);
    rule_text(out, hit, hit->identity, view->policy);
    struck_text(out, hit);
    pn_output_text(out, "\n");
}

static void
head(struct pn_output *out, const struct pn_style *style, const char *text)
{
    pn_output_text(out, "\n");
    pn_style_text(out, style, PN_PAINT_BOLD, text);
    pn_output_text(out, "\n");
}

/* What differs, in words. */
static void
differences_text(struct pn_output *out, unsigned differences)
{
    const char *before = "";

    for (size_t i = 0; i < PN_COUNTS_DIFFERENCES; i++)
        if (differences & 1u << i) {
            pn_output_format(out, "%s%s", before, pn_counts_difference_words[i]);
            before = ", ";
        }
}

static void
pair_text(struct pn_output *out, const struct pn_hits *hits,
          const struct pn_hits_view *view, const struct pn_counts_row *row)
{
    struct postern_addr client = { .family = row->family };
    char date[DATE_SIZE], text[POSTERN_ADDR_TEXT_SIZE];

    memcpy(client.bytes, row->pair.address, sizeof(client.bytes));
    (void)postern_addr_print(&client, text); /* a family that is checked */
    number_column(out, row->pair.count, COUNT_MIN);
    pn_output_format(out, "  %-16s  ", date_print(row->pair.last_s, date));
    differences_text(out, row->differences);
    if (row->pair.undecided && row->pair.undecided < row->pair.count) {
        pn_output_text(out, " (");
        number(out, row->pair.undecided);
        pn_output_text(out, ")");
    }
    pn_output_format(out, ", for example %s\n%*slive   ", text, COUNT_MIN + 2, "");
    rule_text(out, pn_hits_find(hits, row->identity), row->identity, view->policy);
    pn_output_format(out, "\n%*sshadow ", COUNT_MIN + 2, "");
    rule_text(out, view->shadow ? pn_hits_find(view->shadow, row->pair.shadow) : NULL,
              row->pair.shadow, view->shadow);
    pn_output_text(out, "\n");
}

static void
pairs_text(struct pn_output *out, const struct pn_hits *hits,
           const struct pn_hits_view *view, const struct pn_style *style)
{
    size_t shown = 0;

    for (uint64_t i = 0; i < hits->counts.header.used; i++)
        if (hits->counts.rows[i].kind == PN_COUNTS_PAIR) {
            if (!shown++)
                head(out, style, "  clients  last              decided otherwise");
            pair_text(out, hits, view, &hits->counts.rows[i]);
        }
    if (!shown)
        pn_output_text(out, "\nThe shadow decided nobody otherwise.\n");
}

void
pn_hits_text(struct pn_output *out, const struct pn_hits *hits,
             const struct pn_hits_view *view, const struct pn_style *style)
{
    size_t shown = 0;

    summary(out, hits, view);
    if (view->pairs) {
        pairs_text(out, hits, view, style);
        return;
    }
    for (size_t i = 0; i < hits->count; i++)
        if (pn_hits_shows(hits, view, &hits->items[i])) {
            if (!shown++)
                head(out, style, "     hits  last              rule");
            hit_text(out, &hits->items[i], view, style);
        }
    if (!shown)
        pn_output_text(out, view->unused ? "\nEach rule decided for somebody.\n"
                                         : "\nNo rule has decided yet.\n");
}
