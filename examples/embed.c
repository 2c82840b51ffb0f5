/* embed CDB ADDRESS [HOST]: asks a compiled rule file from a program of one's own. */
#include <postern/postern.h>

#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_rules *rules = NULL;
    struct postern_env env;

    if (argc < 3 || !postern_addr_parse(argv[2], strlen(argv[2]), &query.remote))
        return 2;
    if (argc > 3)
        query.host = (struct postern_str){ argv[3], strlen(argv[3]) };
    if (postern_rules_open(argv[1], POSTERN_OPEN_COPY, &rules) != POSTERN_OK ||
        postern_rules_decide(rules, &query, &decision) != POSTERN_OK)
        decision.verdict = POSTERN_DENY; /* whatever went wrong */
    puts(decision.verdict == POSTERN_ALLOW ? "allow" : "deny");
    while (decision.verdict == POSTERN_ALLOW && postern_env_next(&decision.env, &env))
        puts(env.assignment);
    postern_rules_close(rules);
    return 0;
}
