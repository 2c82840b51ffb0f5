/* Each word is a row. */
#include "grammar/verdict_words.h"

#include <string.h>

#include "base/sizes.h"

static bool
is_any_case(struct pn_str text, const char *word)
{
    if (text.len != strlen(word))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] | 0x20) != word[i])
            return false;
    return true;
}

/* Verdicts of firewalls, hosts.allow, postfix, Sendmail, nginx and routers. */
static const struct {
    const char *word, *verdict;
} verdicts[] = {
    { "allow", "allow" },  { "accept", "allow" },  { "permit", "allow" },
    { "pass", "allow" },   { "ok", "allow" },      { "yes", "allow" },
    { "relay", "allow" },  { "allowed", "allow" }, { "grant", "allow" },
    { "deny", "deny" },    { "reject", "deny" },   { "refuse", "deny" },
    { "no", "deny" },      { "denied", "deny" },   { "forbid", "deny" },
    { "discard", "deny" }, { "drop", "deny" },     { "block", "block" },
    { "ban", "block" },    { "blocked", "block" }, { "blacklist", "block" },
};

const char *
pn_verdict_of(struct pn_str word)
{
    for (size_t i = 0; i < PN_COUNT_OF(verdicts); i++)
        if (is_any_case(word, verdicts[i].word))
            return verdicts[i].verdict;
    return NULL;
}
