/* Fatal messages on standard error. */
#include "server/fatal.h"

#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"

static void
message_print(const char *program, const char *what, const char *name, int error)
{
    struct pn_output err;

    if (!program)
        return;
    pn_output_begin(&err, STDERR_FILENO);
    pn_output_text(&err, program);
    pn_output_text(&err, ": fatal: ");
    pn_output_text(&err, what);
    if (name) {
        pn_output_text(&err, " ");
        pn_output_text(&err, name);
    }
    if (error) {
        pn_output_text(&err, ": ");
        pn_output_text(&err, pn_errno_text(error));
    }
    pn_output_text(&err, "\n");
    (void)pn_output_end(&err); /* there is nowhere left to say it */
}

int
srv_fatal(const char *program, const char *what, const char *name, int error)
{
    message_print(program, what, name, error);
    return SRV_EXIT_TEMPORARY;
}
