/* tcprulescheck CDB: the drop-in query, with the original's words and statuses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"
#include "base/process.h"
#include "postern/postern.h"

enum { EXIT_PERMANENT = 100, EXIT_TEMPORARY = 111 };

static int
fatal(const char *what, const char *path, const char *reason)
{
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    pn_output_guard_terminal(&err);
    pn_output_text(&err, "tcprulescheck: fatal: unable to ");
    pn_output_text(&err, what);
    pn_output_text(&err, path);
    pn_output_text(&err, ": ");
    pn_output_text(&err, reason);
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* there is nowhere left to say it */
    return EXIT_TEMPORARY;
}

/* What a file of a newer postern lacks here; the text stays until the next call. */
static const char *
newer(const char *path)
{
    static char text[256];
    int size =
        snprintf(text, sizeof(text), "%s", postern_status_text(POSTERN_E_VERSION));
    char *rest = text + size;

    if (postern_rules_lacking(path, rest + 2, sizeof(text) - (size_t)size - 2))
        memcpy(rest, ": ", 2);
    return text;
}

static int
fatal_read(const char *path, enum postern_status status)
{
    const char *reason = postern_status_text(status);

    if (status == POSTERN_E_IO)
        reason = pn_errno_text(errno);
    else if (status == POSTERN_E_FORMAT) /* what the original says of a damaged file */
        reason = pn_errno_text(EPROTO);
    else if (status == POSTERN_E_VERSION)
        reason = newer(path);
    return fatal("read ", path, reason);
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

/* The scratch memory lets any text pass, as long as the environment can hold. */
static enum postern_status
decide(const struct postern_rules *rules, struct postern_decision *decision)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    enum postern_status status = POSTERN_E_NOMEM;

    query.remote_text = from_environment("TCPREMOTEIP");
    query.host = from_environment("TCPREMOTEHOST");
    query.ident = from_environment("TCPREMOTEINFO");
    if (!query.remote_text.ptr)
        query.remote_text = (struct postern_str){ "0.0.0.0", 7 };
    query.scratch_size = query.remote_text.len + query.host.len + query.ident.len + 8;
    query.scratch = malloc(query.scratch_size);
    if (query.scratch)
        status = postern_rules_decide(rules, &query, decision);
    free(query.scratch);
    return status;
}

static int
tcprulescheck(const char *path)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_rules *rules = NULL;
    enum postern_status status = postern_rules_open(path, 0, &rules);
    struct pn_output out;
    int code = 0;

    if (status == POSTERN_OK)
        status = decide(rules, &decision);
    if (status != POSTERN_OK) {
        code = fatal_read(path, status);
    } else {
        pn_output_begin(&out, STDOUT_FILENO);
    pn_output_guard_terminal(&out);
        print_decision(&out, rules, &decision);
        if (!pn_output_end(&out))
            code = fatal("write ", "standard output", pn_errno_text(errno));
    }
    postern_rules_close(rules);
    return code;
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        static const char usage[] = "tcprulescheck: usage: tcprulescheck rules.cdb\n";

        (void)pn_write_all(STDERR_FILENO, usage, sizeof(usage) - 1);
        return EXIT_PERMANENT;
    }
    pn_process_spare_memory();
    if (!pn_process_begin())
        return EXIT_TEMPORARY; /* and nowhere to say so */
    return tcprulescheck(argv[1]);
}
