/* tcprulescheck CDB: the drop-in query, with the original's words and statuses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"
#include "postern/postern.h"

enum { EXIT_PERMANENT = 100, EXIT_TEMPORARY = 111 };

static int
fatal_read(const char *path, const char *reason)
{
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    pn_output_text(&err, "tcprulescheck: fatal: unable to read ");
    pn_output_text(&err, path);
    pn_output_text(&err, ": ");
    pn_output_text(&err, reason);
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* there is nowhere left to say it */
    return EXIT_TEMPORARY;
}

static const char *
reason_text(enum postern_status status)
{
    switch (status) {
    case POSTERN_E_IO:
        return pn_errno_text(errno);
    case POSTERN_E_FORMAT: /* what the original says of a damaged file */
        return pn_errno_text(EPROTO);
    case POSTERN_E_NOMEM:
        return pn_errno_text(ENOMEM);
    default:
        return postern_status_text(status);
    }
}

static struct postern_str
from_environment(const char *name)
{
    const char *value = getenv(name);

    return (struct postern_str){ value, value ? strlen(value) : 0 };
}

static void
print_decision(struct pn_output *out, const struct postern_rules *rules,
               const struct postern_decision *decision)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    struct postern_env_iter env = decision->env;
    struct postern_env assignment;

    if (decision->rule == POSTERN_RULE_NONE) {
        pn_output_text(out, "default:\n");
    } else if (postern_rules_origin(rules, decision->rule, &origin) == POSTERN_OK) {
        pn_output_text(out, "rule ");
        pn_output_add(out, origin.target.ptr, origin.target.len);
        pn_output_text(out, ":\n");
    }
    while (postern_env_next(&env, &assignment)) {
        pn_output_text(out, "set environment variable ");
        pn_output_text(out, assignment.assignment);
        pn_output_text(out, "\n");
    }
    pn_output_text(out, decision->verdict == POSTERN_ALLOW ? "allow connection\n"
                                                           : "deny connection\n");
}

static enum postern_status
answer(const struct postern_rules *rules)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    enum postern_status status = POSTERN_E_NOMEM;
    struct pn_output out;

    query.remote_text = from_environment("TCPREMOTEIP");
    query.host = from_environment("TCPREMOTEHOST");
    query.ident = from_environment("TCPREMOTEINFO");
    if (!query.remote_text.ptr)
        query.remote_text = (struct postern_str){ "0.0.0.0", 7 };
    query.scratch_size =
        query.remote_text.len + query.host.len + query.ident.len + 2;
    query.scratch = malloc(query.scratch_size);
    if (query.scratch)
        status = postern_rules_decide(rules, &query, &decision);
    if (status == POSTERN_OK) {
        pn_output_begin(&out, STDOUT_FILENO);
        print_decision(&out, rules, &decision);
        if (!pn_output_end(&out))
            status = POSTERN_E_IO;
    }
    free(query.scratch);
    return status;
}

int
main(int argc, char **argv)
{
    struct postern_rules *rules = NULL;
    enum postern_status status;
    int code = 0;

    if (argc < 2) {
        static const char usage[] = "tcprulescheck: usage: tcprulescheck rules.cdb\n";

        (void)pn_write_all(STDERR_FILENO, usage, sizeof(usage) - 1);
        return EXIT_PERMANENT;
    }
    status = postern_rules_open(argv[1], 0, &rules);
    if (status == POSTERN_OK)
        status = answer(rules);
    if (status != POSTERN_OK)
        code = fatal_read(argv[1], reason_text(status));
    postern_rules_close(rules);
    return code;
}
