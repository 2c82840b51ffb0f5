/* Words to checks and networks. */
#include "analysis/lint/settings.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/literal.h"

/* What is off by default is asked for by its own code or name, not by its family. */
struct naming {
    bool *on;
    bool whole;
};

static void
set_on(void *payload, enum pn_check check)
{
    const struct naming *naming = payload;

    naming->on[check] |= naming->whole || pn_check_info[check].on;
}

static void
set_off(void *payload, enum pn_check check)
{
    ((const struct naming *)payload)->on[check] = false;
}

bool
pn_checks_word(struct pn_str *rest, struct pn_str *word)
{
    size_t at = 0, len = 0;

    while (at < rest->len && strchr(", ", rest->ptr[at]))
        at++;
    *rest = pn_str_from(*rest, at);
    while (len < rest->len && !strchr(", ", rest->ptr[len]))
        len++;
    *word = pn_str_to(*rest, len);
    *rest = pn_str_from(*rest, len);
    return len != 0;
}

/* Goes through words with commas between. False when one is no name of a check. */
static bool
names_apply(const char *list, void (*take)(void *payload, enum pn_check check),
            bool *on, struct pn_str *unknown)
{
    struct pn_str rest = pn_str_of_text(list ? list : ""), word;

    while (pn_checks_word(&rest, &word)) {
        struct naming naming = { on, word.len > 3 };

        if (!pn_check_named(word, take, &naming)) {
            *unknown = word;
            return false;
        }
    }
    return true;
}

bool
pn_checks_choose(bool on[PN_CHECK_NONE], const struct pn_check_choice *choice,
                 struct pn_str *unknown)
{
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++)
        on[c] = !choice->only && (pn_check_info[c].on || choice->strict);
    if (!names_apply(choice->only, set_on, on, unknown) ||
        !names_apply(choice->ignore, set_off, on, unknown))
        return false;
    if (choice->only)
        on[PN_CHECK_SYNTAX_ERROR] = true;
    return true;
}

static const char *const default_trusted[] = {
    "10.0.0.0/8",     "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "::1",         "fc00::/7",       "fe80::/10",
};

static struct pn_network
network_of(const struct pn_target *target)
{
    struct pn_network network = { target->first, target->last, target->family };
    pn_number hosts = pn_host_mask(target->family, target->length);

    if (target->kind == PN_TARGET_ADDRESSES)
        network.last = target->first + target->count - 1;
    else if (target->kind == PN_TARGET_PREFIXES)
        network.last = target->first + (target->count - 1) * (hosts + 1) + hosts;
    return network;
}

/* False for a word that is no network. */
static bool
network_add(struct pn_trusted *trusted, struct pn_str word)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;
    struct pn_network network;
    bool good = pn_literal_target(word, &scratch, &target) == PN_DIAG_NONE &&
                !target.has_ident && target.kind <= PN_TARGET_RANGE;

    pn_buffer_free(&scratch);
    if (!good)
        return false;
    network = network_of(&target);
    trusted->failed |= !pn_vector_add(&trusted->items, &trusted->count,
                                      &trusted->capacity, &network, sizeof(network));
    return true;
}

bool
pn_trusted_begin(struct pn_trusted *out)
{
    *out = (struct pn_trusted){ 0 };
    for (size_t i = 0; i < PN_COUNT_OF(default_trusted); i++)
        if (!network_add(out, pn_str_of_text(default_trusted[i])))
            return false;
    return !out->failed;
}

bool
pn_trusted_add(struct pn_trusted *trusted, const char *list)
{
    while (list && *list) {
        size_t len = strcspn(list, ", ");

        if (len && !network_add(trusted, (struct pn_str){ list, len }))
            return false;
        list += len + (list[len] != '\0');
    }
    return true;
}

void
pn_trusted_clear(struct pn_trusted *trusted)
{
    pn_free(trusted->items);
    *trusted = (struct pn_trusted){ 0 };
}

bool
pn_privileged_read(struct pn_privileged *out, const char *list)
{
    size_t count = 0, capacity = 0;
    char *rest;

    *out = (struct pn_privileged){ .text = pn_strdup(list ? list : "RELAYCLIENT") };
    if (!out->text)
        return false;
    for (const char *word = strtok_r(out->text, ", ", &rest);;
         word = strtok_r(NULL, ", ", &rest)) {
        if (!pn_vector_add(&out->names, &count, &capacity, &word, sizeof(word)))
            return false;
        if (!word)
            return true;
    }
}

void
pn_privileged_clear(struct pn_privileged *privileged)
{
    pn_free(privileged->text);
    pn_free(privileged->names);
    *privileged = (struct pn_privileged){ 0 };
}
