/*
 * A key with a zero group matches only those addresses of a network whose text begins
 * with it. Each finding shows a client of the network that matches, one that does not,
 * and the extended rule for all of them.
 */
#include "analysis/lint/spelling.h"

#include <stdio.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/decide.h"
#include "analysis/lint/secrets.h"
#include "compiler/classic_six.h"
#include "compiler/expand.h"
#include "compiler/query_text.h"

enum { TEXT_MAX = 64 };

/* The networks of a key that contain an address which servers look up. */
struct pieces {
    struct pn_six_piece items[PN_SIX_PIECES];
    size_t count, by_spelling; /* how many match by spelling */
    size_t first;              /* and the first of those */
};

/* Leaves out mapped addresses, which no IPv6 client has. */
static struct pieces
pieces_find(struct pn_str key)
{
    struct pieces out = { .count = 0 };
    struct pn_six_piece all[PN_SIX_PIECES];
    size_t count = pn_six_pieces(key, all);

    for (size_t i = 0; i < count; i++) {
        pn_number last = all[i].start | pn_host_mask(6, all[i].length);

        if (pn_number_is_mapped(all[i].start) && pn_number_is_mapped(last))
            continue;
        if (!all[i].is_whole && !out.by_spelling++)
            out.first = out.count;
        out.items[out.count++] = all[i];
    }
    return out;
}

/* The networks of a key; of a range, those of its first key that matches by spelling.
 * */
static struct pieces
pieces_of(struct pn_str key, char text[TEXT_MAX], struct pn_str *one)
{
    struct pieces out = { .count = 0 };
    struct pn_expansion expansion;

    if (!memchr(key.ptr, ':', key.len) || !pn_expand(key, &expansion) ||
        pn_expansion_size(&expansion) > TEXT_MAX)
        return out;
    for (size_t i = 0; i < pn_expansion_count(&expansion) && !out.by_spelling; i++) {
        *one = (struct pn_str){ text, pn_expansion_key(&expansion, i, text) };
        out = pieces_find(*one);
    }
    return out;
}

/*
 * A plain example address: 1 in some of the groups behind the prefix, 0 in the others.
 */
static pn_number
usual_address(const struct pn_six_piece *piece, unsigned form)
{
    static const unsigned forms[] = { 0x01, 0x81, 0xff, 0x00 };
    unsigned groups = piece->length / PN_GROUP_BITS;
    unsigned bits = forms[form] >> groups | (forms[form] & 1);
    pn_number address = piece->start;

    for (unsigned g = groups; g < PN_ZERO_GROUPS; g++)
        if (bits >> (PN_ZERO_GROUPS - 1 - g) & 1)
            address |= (pn_number)1 << (PN_ZERO_GROUPS - 1 - g) * PN_GROUP_BITS;
    return address;
}

enum { USUAL_FORMS = 4 };

/*
 * The kind of client to find: one that matches the key or not, perhaps with another
 * outcome.
 */
struct wanted {
    const struct pn_six_piece *piece;
    uint32_t item;
    bool matches_key;
};

static bool
is_wanted(const struct pn_lint *lint, const struct wanted *w, pn_number address,
          bool strictly)
{
    const struct pn_str none = { NULL, 0 };
    uint32_t by;

    if (pn_number_is_mapped(address) ||
        pn_zeros_has(&w->piece->zeros, pn_zeros_of(address)) != w->matches_key)
        return false;
    if (!strictly)
        return true;
    by = pn_space_decide(&lint->policy->space, 6, address, none, none);
    if (w->matches_key)
        return by == w->item;
    return by == PN_RULE_NONE || pn_survey_class(&lint->survey, by) !=
                                     pn_survey_class(&lint->survey, w->item);
}

/*
 * Finds such a client, preferably one that the key decides or that has another outcome.
 * False for none.
 */
static bool
client_find(const struct pn_lint *lint, const struct wanted *w, struct pn_witness *out)
{
    pn_number first = w->piece->start;
    pn_number last = first | pn_host_mask(6, w->piece->length), at;
    struct pn_zeros set = w->piece->zeros, all;
    struct pn_weights weights;

    for (int strictly = 1; strictly >= 0; strictly--)
        for (unsigned form = 0; form < USUAL_FORMS; form++) {
            *out =
                (struct pn_witness){ usual_address(w->piece, form), 6, PN_RULE_NONE };
            if (is_wanted(lint, w, out->address, strictly))
                return true;
        }
    if (!w->matches_key) {
        all = pn_zeros_within(first, last);
        set = pn_zeros_less(&all, &set);
    }
    pn_weights_make(&weights, &set);
    if (!pn_weights_first(&weights, first, last, &at) ||
        (pn_number_is_mapped(at) &&
         (last <= PN_MAPPED_LAST ||
          !pn_weights_first(&weights, PN_MAPPED_LAST + 1, last, &at))))
        return false;
    *out = (struct pn_witness){ at, 6, PN_RULE_NONE };
    return true;
}

/* Writes the rule as an extended policy says it, for the whole networks. */
static void
rule_write(const struct pn_lint *lint, uint32_t item, const struct pieces *pieces,
           struct pn_buffer *out)
{
    struct pn_buffer line = { 0 };
    size_t mark = 0;

    for (size_t i = 0; i < pieces->count; i++) {
        struct postern_addr addr = pn_number_address(pieces->items[i].start, 6);
        char text[POSTERN_ADDR_TEXT_SIZE];

        postern_addr_print(&addr, text);
        pn_buffer_add_format(&line, "%s%s/%u", i ? ", " : "", text,
                             (unsigned)pieces->items[i].length);
    }
    pn_buffer_add_text(&line, pn_lint_allows(lint, item) ? " : allow" : " : deny");
    pn_env_write(&line, pn_policy_env(lint->policy, lint->policy->items[item].rule));
    if (!line.failed)
        pn_line_mask(pn_str_of(&line), out, &mark);
    out->failed |= line.failed;
    pn_buffer_free(&line);
}

/*
 * Does the usual text of an address differ from the one that servers look up? It does
 * when only a single group is zero.
 */
static bool
is_looked_up_otherwise(const struct pn_witness *witness,
                       char text[POSTERN_ADDR_TEXT_SIZE],
                       char looked_up[POSTERN_ADDR_TEXT_SIZE])
{
    struct postern_addr addr = pn_number_address(witness->address, witness->family);

    postern_addr_print(&addr, text);
    postern_addr_spell(&addr, looked_up);
    return strcmp(text, looked_up) != 0;
}

static void
other_write(struct pn_lint *lint, const struct pn_finding *f,
            const struct pn_witness *other, struct pn_buffer *out)
{
    const struct pn_str none = { NULL, 0 };
    uint32_t by = pn_space_decide(&lint->policy->space, 6, other->address, none, none);
    char text[POSTERN_ADDR_TEXT_SIZE], looked_up[POSTERN_ADDR_TEXT_SIZE];
    bool respelt = is_looked_up_otherwise(other, text, looked_up);

    pn_buffer_add_text(out, text);
    if (respelt)
        pn_buffer_add_format(out, ", which is looked up as %s,", looked_up);
    pn_buffer_add_text(out, " does not ask for it");
    if (by != PN_RULE_NONE)
        pn_buffer_add_format(out, ", and is %s by %s",
                             pn_lint_allows(lint, by) ? "allowed" : "denied",
                             pn_report_text(lint->report, pn_lint_line(lint, f, by)));
    pn_buffer_add_text(out, "; ");
}

static void
help_write(struct pn_lint *lint, struct pn_finding *f, uint32_t item,
           const struct pieces *pieces)
{
    struct wanted one = { &pieces->items[pieces->first], item, true };
    struct wanted other = { one.piece, item, false };
    char text[POSTERN_ADDR_TEXT_SIZE], looked_up[POSTERN_ADDR_TEXT_SIZE];
    struct pn_buffer help = { 0 };
    struct pn_witness witness;

    if (client_find(lint, &one, &witness)) {
        pn_lint_query(lint, f, &witness, PN_HOST_NONE, PN_GROUP_NO_IDENT);
        if (is_looked_up_otherwise(&witness, text, looked_up))
            pn_buffer_add_format(&help, "%s is looked up as %s; ", text, looked_up);
    }
    if (client_find(lint, &other, &witness))
        other_write(lint, f, &witness, &help);
    pn_buffer_add_text(&help, "an extended policy says for all of them: ");
    rule_write(lint, item, pieces, &help);
    if (help.failed)
        lint->failed = true;
    else
        f->help = pn_report_text_add(lint->report, pn_str_of(&help));
    pn_buffer_free(&help);
}

static void
label_write(struct pn_lint *lint, struct pn_finding *f, struct pn_str key,
            const struct pieces *pieces)
{
    const struct pn_six_piece *piece = &pieces->items[pieces->first];
    struct postern_addr addr = pn_number_address(piece->start, 6);
    char text[POSTERN_ADDR_TEXT_SIZE], more[48] = "";

    postern_addr_print(&addr, text);
    if (pieces->by_spelling > 1)
        snprintf(more, sizeof(more), " and %zu network%s more", pieces->by_spelling - 1,
                 pieces->by_spelling > 2 ? "s" : "");
    if (key.len == 1) /* no address begins with a single colon */
        key = PN_STR("::");
    f->label =
        pn_report_format(lint->report, "of %s/%u%s, only who is written %.*s...", text,
                         (unsigned)piece->length, more, (int)key.len, key.ptr);
}

void
pn_spelling_lint(struct pn_lint *lint, uint32_t item)
{
    char text[TEXT_MAX];
    struct pn_str key = { "", 0 };
    struct pieces pieces = pieces_of(pn_lint_text(lint, item), text, &key);
    struct pn_finding *f;

    if (!pieces.by_spelling || lint->options->profile.no_v6)
        return;
    f = pn_lint_add(lint, PN_CHECK_MATCHES_BY_SPELLING, item);
    if (!f)
        return;
    label_write(lint, f, key, &pieces);
    help_write(lint, f, item, &pieces);
}
