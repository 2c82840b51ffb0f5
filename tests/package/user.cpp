/* user CDB ADDRESS [HOST]: asks a compiled rule file, from C++ of 2011 or later. */
#include <postern/postern.h>

#include <cstdio>
#include <cstring>

static_assert(POSTERN_VERSION_NUMBER == POSTERN_VERSION_OF(POSTERN_VERSION_MAJOR,
                                                           POSTERN_VERSION_MINOR,
                                                           POSTERN_VERSION_PATCH),
              "the version is made of its parts");

static const postern_query nothing_known = POSTERN_QUERY_INIT;

struct owner {
    postern_rules *rules = nullptr;
    postern_decision decision = POSTERN_DECISION_INIT;
    postern_origin origin = POSTERN_ORIGIN_INIT;
    postern_info info = POSTERN_INFO_INIT;
    ~owner() { postern_rules_close(rules); }
};

int
main(int argc, char **argv)
{
    postern_query query = nothing_known;
    postern_env env = { POSTERN_STR_INIT, POSTERN_STR_INIT, nullptr };
    owner held;

    if (argc < 3 || std::strcmp(postern_version(), POSTERN_VERSION) != 0 ||
        !postern_addr_parse(argv[2], std::strlen(argv[2]), &query.remote))
        return 2;
    if (argc > 3)
        query.host = { argv[3], std::strlen(argv[3]) };
    if (postern_rules_open(argv[1], POSTERN_OPEN_COPY, &held.rules) != POSTERN_OK ||
        postern_rules_info(held.rules, &held.info) != POSTERN_OK ||
        postern_rules_decide(held.rules, &query, &held.decision) != POSTERN_OK ||
        postern_rules_origin(held.rules, held.decision.rule, &held.origin) != POSTERN_OK)
        held.decision.verdict = POSTERN_DENY;
    std::puts(held.decision.verdict == POSTERN_ALLOW ? "allow" : "deny");
    while (held.decision.verdict == POSTERN_ALLOW &&
           postern_env_next(&held.decision.env, &env))
        std::puts(env.assignment);
    held.decision = POSTERN_DECISION_INIT;
    return 0;
}
