/* The suffixes are a tree; the parent of a candidate is the longest suffix around it.
 * */
#include "analysis/hosts.h"

#include <string.h>

#include "base/memory.h"

struct pn_str
pn_host_name(const struct pn_hosts *hosts, uint32_t candidate)
{
    const struct pn_intern *names = &hosts->space->names;

    if (candidate < PN_HOST_FIRST_NAME)
        return PN_STR("");
    candidate -= PN_HOST_FIRST_NAME;
    return (struct pn_str){ names->bytes.bytes + pn_intern_offset(names, candidate),
                            pn_intern_size(names, candidate) };
}

bool
pn_host_is_suffix(const struct pn_hosts *hosts, uint32_t candidate)
{
    struct pn_str name = pn_host_name(hosts, candidate);

    return pn_name_is_suffix(name.ptr, name.len);
}

static uint32_t
parent_of(const struct pn_hosts *hosts, uint32_t candidate)
{
    struct pn_str name = pn_host_name(hosts, candidate);
    uint32_t number;

    for (size_t i = 1; i < name.len; i++)
        if (name.ptr[i] == '.' &&
            pn_intern_find(&hosts->space->names, name.ptr + i, name.len - i, &number))
            return pn_host_candidate(number);
    return 0;
}

bool
pn_hosts_begin(struct pn_hosts *hosts, const struct pn_space *space, bool no_host)
{
    *hosts = (struct pn_hosts){ .space = space,
                                .count = space->names.count + PN_HOST_FIRST_NAME };
    hosts->parent = pn_calloc(hosts->count, sizeof(*hosts->parent));
    hosts->asked = pn_calloc(hosts->count, sizeof(*hosts->asked));
    if (!hosts->parent || !hosts->asked)
        return false;
    for (uint32_t c = 0; c < hosts->count; c++) {
        hosts->parent[c] = parent_of(hosts, c);
        hosts->asked[c] = c == PN_HOST_NONE || !no_host;
    }
    return true;
}

void
pn_hosts_clear(struct pn_hosts *hosts)
{
    pn_free(hosts->parent);
    pn_free(hosts->asked);
    *hosts = (struct pn_hosts){ 0 };
}

uint32_t
pn_host_wide_without(const struct pn_hosts *hosts, const struct pn_host_rules *rules,
                     uint32_t candidate, uint32_t item, uint32_t name)
{
    uint32_t at =
        pn_host_is_suffix(hosts, candidate) ? candidate : hosts->parent[candidate];

    for (; at; at = hosts->parent[at]) {
        uint32_t number = at - PN_HOST_FIRST_NAME, found = rules->named[number];

        if (found != PN_RULE_NONE && found != item && number != name)
            return found;
    }
    if (candidate != PN_HOST_NONE && rules->any_host != PN_RULE_NONE &&
        rules->any_host != item)
        return rules->any_host;
    return rules->fallback != item ? rules->fallback : PN_RULE_NONE;
}

bool
pn_host_rules_begin(struct pn_host_rules *rules, const struct pn_hosts *hosts,
                    const struct pn_group *group)
{
    size_t size = hosts->count * sizeof(uint32_t);

    *rules = (struct pn_host_rules){ .exact = pn_malloc(size),
                                     .wide = pn_malloc(size),
                                     .named = pn_malloc(size),
                                     .any_host = group->any_host,
                                     .fallback = group->fallback };
    if (!rules->exact || !rules->wide || !rules->named)
        return false;
    memset(rules->exact, 0xff, size); /* PN_RULE_NONE */
    memset(rules->named, 0xff, size);
    for (size_t i = 0; i < group->host_count; i++)
        rules->named[group->hosts[i].name] = group->hosts[i].rule;
    for (uint32_t c = 0; c < hosts->count; c++) {
        if (c >= PN_HOST_FIRST_NAME && !pn_host_is_suffix(hosts, c))
            rules->exact[c] = rules->named[c - PN_HOST_FIRST_NAME];
        rules->wide[c] =
            pn_host_wide_without(hosts, rules, c, PN_RULE_NONE, PN_RULE_NONE);
    }
    return true;
}

void
pn_host_rules_clear(struct pn_host_rules *rules)
{
    pn_free(rules->exact);
    pn_free(rules->wide);
    pn_free(rules->named);
    *rules = (struct pn_host_rules){ 0 };
}
