/*
 * What `nft -j list` writes: a set, or the rules of a chain that ask for the address of
 * the sender, of which the first that matches decides.
 */
#include "base/sizes.h"
#include "interop/nft_elements.h"
#include "interop/sets.h"

enum verdict { VERDICT_NONE, VERDICT_ALLOW, VERDICT_DENY, VERDICT_OTHER };

struct reading {
    struct pn_import *import;
    const json_t *all;                 /* the array of objects */
    const json_t *chain;               /* the object, where there is one */
    const char *family, *table, *name; /* of the chain */
    struct pn_ordered rules;
    size_t number;      /* of the rule at hand, from 1 */
    bool ended, allows; /* a rule for everybody, and its verdict */
};

/* What a rule of the chain comes to. */
struct rule {
    const json_t *handle, *saddr; /* saddr: the right side, or NULL */
    uint8_t family;               /* 0: both */
    bool negated;
    bool more; /* it asks for something else */
    enum verdict verdict;
};

static const struct {
    const char *name;
    enum verdict verdict;
} verdicts[] = {
    { "accept", VERDICT_ALLOW },   { "drop", VERDICT_DENY },
    { "reject", VERDICT_DENY },    { "jump", VERDICT_OTHER },
    { "goto", VERDICT_OTHER },     { "return", VERDICT_OTHER },
    { "continue", VERDICT_OTHER }, { "queue", VERDICT_OTHER },
};

/* Statements that change nobody's verdict. */
static const char *const idle[] = { "counter", "log", "comment", "mangle", "notrack" };

static bool
is(const json_t *object, const char *name, const char *value)
{
    return strcmp(pn_nft_text(object, name), value) == 0;
}

static void
match_read(struct rule *rule, const json_t *match)
{
    const json_t *left = json_object_get(match, "left");
    const json_t *payload = json_object_get(left, "payload");
    const json_t *right = json_object_get(match, "right");
    bool is_six = is(payload, "protocol", "ip6");
    const char *protocol = json_string_value(right);

    rule->negated = is(match, "op", "!=");
    if ((!rule->negated && !is(match, "op", "==")) || rule->saddr || rule->family) {
        rule->more = true;
    } else if (is(payload, "field", "saddr") &&
               (is_six || is(payload, "protocol", "ip"))) {
        rule->family = is_six ? 6 : 4;
        rule->saddr = right;
    } else if (is(json_object_get(left, "meta"), "key", "nfproto") && !rule->negated &&
               protocol && strcmp(protocol, "ipv4") == 0) {
        rule->family = 4;
    } else if (is(json_object_get(left, "meta"), "key", "nfproto") && !rule->negated &&
               protocol && strcmp(protocol, "ipv6") == 0) {
        rule->family = 6;
    } else {
        rule->more = true;
    }
}

/* nft leaves out the match on the family that the kind of answer wants. */
static void
reject_read(struct rule *rule, const json_t *reject)
{
    if (!rule->family && is(reject, "type", "icmp"))
        rule->family = 4;
    else if (!rule->family && is(reject, "type", "icmpv6"))
        rule->family = 6;
}

static void
statement_read(struct rule *rule, const json_t *statement)
{
    const json_t *match = json_object_get(statement, "match");

    if (match) {
        match_read(rule, match);
        return;
    }
    reject_read(rule, json_object_get(statement, "reject"));
    for (size_t i = 0; i < PN_COUNT_OF(verdicts); i++)
        if (json_object_get(statement, verdicts[i].name)) {
            rule->verdict = verdicts[i].verdict;
            return;
        }
    for (size_t i = 0; i < PN_COUNT_OF(idle); i++)
        if (json_object_get(statement, idle[i]))
            return;
    rule->more = true;
}

/* A set by "@NAME", of the table that the chain is in; or what stands in its place. */
static const json_t *
elements_find(struct reading *r, const json_t *right, uint8_t family)
{
    const char *name = json_string_value(right);
    const json_t *item, *set;
    size_t i;

    if (!name || *name != '@')
        return right;
    json_array_foreach(r->all, i, item)
    {
        set = json_object_get(item, "set");
        if (set && is(set, "name", name + 1) && is(set, "table", r->table) &&
            is(set, "family", r->family) && pn_nft_set_family(set) == family)
            return json_object_get(set, "elem") ? json_object_get(set, "elem")
                                                : json_null();
    }
    pn_import_error(
        r->import, 0, 0,
        "the set %.60s is not in it, or has more than addresses: nft -j list "
        "ruleset shows all",
        name);
    return NULL;
}

/* Who is denied is told so at once, that asking takes no time. */
static const char *
verdict_native(bool allows)
{
    return allows ? "accept" : "reject with tcp reset";
}

/* All of a family, or of both. */
static void
everybody_native(struct pn_import *import, uint8_t family, bool allows)
{
    pn_import_native(import, "%s%s",
                     family == 4   ? "meta nfproto ipv4 "
                     : family == 6 ? "meta nfproto ipv6 "
                                   : "",
                     verdict_native(allows));
}

/* Who is in none of some ranges, of a family. */
static void
others_add(struct reading *r, const struct pn_ordered *some,
           const struct pn_ordered_rule *like)
{
    struct pn_intervals list = { 0 };
    struct pn_ordered_rule rule = *like;
    struct pn_interval part;
    struct pn_gaps gaps;

    for (size_t i = 0; i < some->count; i++)
        r->import->failed |=
            !pn_intervals_add(&list, some->items[i].first, some->items[i].last);
    pn_intervals_finish(&list);
    gaps = pn_gaps_begin(&list, 0, pn_host_mask(like->family, 0));
    while (!r->import->failed && pn_gaps_next(&gaps, &part)) {
        rule.first = part.first;
        rule.last = part.last;
        rule.is_prefix = false;
        r->import->failed |= !pn_ordered_add(&r->rules, rule);
    }
    pn_intervals_clear(&list);
}

/* Elements into rules, and as a rule of nft -f. */
static bool
elements_add(struct pn_import *import, const json_t *elements, bool negated,
             const struct pn_ordered_rule *like, struct pn_ordered *out)
{
    bool is_read;

    if (!json_array_size(elements) && !json_is_string(elements) &&
        !json_is_object(elements)) {
        if (negated)
            everybody_native(import, like->family, like->allows);
        return true;
    }
    pn_import_native(import, "%s saddr %s{", like->family == 4 ? "ip" : "ip6",
                     negated ? "!= " : "");
    is_read = pn_nft_elements_read(import, elements, like, out);
    pn_import_native(import, "} %s", verdict_native(like->allows));
    return is_read;
}

static void
saddr_add(struct reading *r, const struct rule *rule, struct pn_ordered_rule like)
{
    const json_t *elements = elements_find(r, rule->saddr, rule->family);
    struct pn_ordered some = { .count = 0 };

    if (!elements)
        return;
    if (!rule->negated) {
        (void)elements_add(r->import, elements, false, &like, &r->rules);
        return;
    }
    if (elements_add(r->import, elements, true, &like, &some))
        others_add(r, &some, &like);
    pn_ordered_clear(&some);
}

/* Everybody of the families that the chain sees, or of one. */
static void
everybody_add(struct reading *r, uint8_t family, bool allows)
{
    if (!family && strcmp(r->family, "ip") == 0)
        family = 4;
    if (!family && strcmp(r->family, "ip6") == 0)
        family = 6;
    everybody_native(r->import, family, allows);
    if (!family) {
        r->ended = true;
        r->allows = allows;
        return;
    }
    r->import->failed |= !pn_ordered_add(
        &r->rules, (struct pn_ordered_rule){ .last = pn_host_mask(family, 0),
                                             .family = family,
                                             .allows = allows,
                                             .is_prefix = true });
}

static void
rule_read(struct reading *r, const json_t *object)
{
    struct rule rule = { .handle = json_object_get(object, "handle") };
    struct pn_ordered_rule like = { .line = 0 };
    const json_t *statement;
    size_t i;

    r->number++;
    json_array_foreach(json_object_get(object, "expr"), i, statement)
        statement_read(&rule, statement);
    if (rule.verdict == VERDICT_NONE)
        return;
    if (r->ended || rule.more || rule.verdict == VERDICT_OTHER) {
        pn_import_note(r->import, 0, 0, "chain %.60s, rule %zu (handle %lld): %s",
                       r->name, r->number, (long long)json_integer_value(rule.handle),
                       r->ended    ? "no client comes to it"
                       : rule.more ? "it asks for more than the address: left out"
                                   : "it is no verdict: left out");
        return;
    }
    like.family = rule.family;
    like.allows = rule.verdict == VERDICT_ALLOW;
    if (rule.saddr)
        saddr_add(r, &rule, like);
    else
        everybody_add(r, rule.family, like.allows);
}

/* A chain's rules; at its end the policy of the chain, or whoever called it. */
static void
chain_read(struct reading *r)
{
    const json_t *item, *rule;
    size_t i;

    json_array_foreach(r->all, i, item)
    {
        rule = json_object_get(item, "rule");
        if (rule && is(rule, "chain", r->name) && is(rule, "table", r->table) &&
            is(rule, "family", r->family) && !r->import->failed)
            rule_read(r, rule);
    }
    if (!r->ended && is(r->chain, "policy", "drop"))
        everybody_add(r, 0, false);
    pn_ordered_write(&r->rules, r->import);
    pn_table_others_write(r->import, 0, 0, !r->ended || r->allows);
}

static void
sets_read(struct reading *r)
{
    struct pn_sets_meant meant = { .any = false };
    struct pn_ordered_rule like = { .allows = r->import->wants.listed_allow };
    const json_t *item, *set, *elements;
    size_t i;

    json_array_foreach(r->all, i, item)
    {
        set = json_object_get(item, "set");
        like.family = pn_nft_set_family(set);
        elements = json_object_get(set, "elem");
        if (like.family &&
            pn_set_ask(&meant, r->import, 0, pn_str_of_text(pn_nft_text(set, "name")),
                       like.family) == PN_SET_MEANT &&
            elements)
            (void)elements_add(r->import, elements, false, &like, &r->rules);
    }
    everybody_native(r->import, 0, !like.allows);
    pn_sets_end(&meant, r->import);
    pn_set_write(&r->rules, r->import);
}

/* Is a rule one that asks for a sender? */
static bool
has_saddr(const json_t *object)
{
    struct rule rule = { .handle = NULL };
    const json_t *statement;
    size_t i;

    json_array_foreach(json_object_get(object, "expr"), i, statement)
        statement_read(&rule, statement);
    return rule.saddr != NULL;
}

static void
chain_take(struct reading *r, const json_t *from, const char *name)
{
    bool is_same = r->name && strcmp(r->name, name) == 0 &&
                   is(from, "table", r->table) && is(from, "family", r->family);

    if (r->name && !is_same)
        pn_import_error(
            r->import, 0, 0,
            "there are the chains \"%.60s\" and \"%.60s\": --name says which "
            "is meant, and a file that has one table",
            r->name, name);
    r->name = name;
    r->table = pn_nft_text(from, "table");
    r->family = pn_nft_text(from, "family");
}

/* The chain of that name; or the only one that has rules which ask for a sender. */
static void
chain_find(struct reading *r)
{
    const char *wanted = r->import->wants.name, *name;
    const json_t *item, *rule;
    size_t i;

    json_array_foreach(r->all, i, item)
    {
        rule = json_object_get(item, "rule");
        name = pn_nft_text(rule, "chain");
        if (rule && (wanted ? strcmp(name, wanted) == 0 : has_saddr(rule)) &&
            !r->import->has_errors)
            chain_take(r, rule, name);
    }
    json_array_foreach(r->all, i, item)
    {
        const json_t *chain = json_object_get(item, "chain");

        if (chain && r->name && is(chain, "name", r->name) &&
            is(chain, "table", r->table) && is(chain, "family", r->family))
            r->chain = chain;
    }
}

void
pn_import_nftables(struct pn_import *import)
{
    json_error_t error;
    json_t *root = json_loadb(import->files[0].text, import->files[0].size, 0, &error);
    struct reading r = { .import = import, .all = json_object_get(root, "nftables") };

    if (!root)
        pn_import_error(import, 0, error.line > 0 ? (size_t)error.line : 0,
                        "this is no JSON of nft -j: %.120s", error.text);
    else if (!json_is_array(r.all))
        pn_import_error(import, 0, 0, "this is no JSON of nft -j");
    else
        chain_find(&r);
    if (!import->has_errors && r.name)
        chain_read(&r);
    else if (!import->has_errors)
        sets_read(&r);
    pn_ordered_clear(&r.rules);
    json_decref(root);
}
