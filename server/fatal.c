/* Fatal messages on standard error. */
#include "server/fatal.h"

#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"

static srv_fatal_fn fatal_say;

static void
message_print(const char *program, const char *what, const char *name,
              const char *reason)
{
    struct pn_output err;

    pn_output_begin(&err, STDERR_FILENO);
    pn_output_text(&err, program);
    pn_output_text(&err, ": fatal: ");
    pn_output_text(&err, what);
    if (name) {
        pn_output_text(&err, " ");
        pn_output_text(&err, name);
    }
    if (reason) {
        pn_output_text(&err, ": ");
        pn_output_text(&err, reason);
    }
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* there is nowhere left to say it */
}

void
srv_fatal_say_by(srv_fatal_fn say)
{
    fatal_say = say;
}

int
srv_fatal_because(const char *program, const char *what, const char *name,
                  const char *reason)
{
    if (program)
        (fatal_say ? fatal_say : message_print)(program, what, name, reason);
    return SRV_EXIT_TEMPORARY;
}

int
srv_fatal(const char *program, const char *what, const char *name, int error)
{
    return srv_fatal_because(program, what, name, error ? pn_errno_text(error) : NULL);
}
