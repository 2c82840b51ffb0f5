/* mconnect-io: a person on standard input and output, a server on descriptors 6 and 7.
 */
#include <signal.h>
#include <unistd.h>

#include "server/companions/flow.h"
#include "server/fatal.h"

enum { SERVER_OUT = 6, SERVER_IN = 7 };

int
main(void)
{
    struct srv_flow flows[2]; /* on the stack, which no limit on data counts */
    const struct sigaction ignore = { .sa_handler = SIG_IGN };

    (void)sigaction(SIGPIPE, &ignore, NULL); /* a valid signal */
    srv_flow_init(&flows[0], STDIN_FILENO, SERVER_IN, srv_filter_addcr);
    srv_flow_init(&flows[1], SERVER_OUT, STDOUT_FILENO, srv_filter_none);
    return srv_flow_run(flows, 2, 1) ? 0 : SRV_EXIT_TEMPORARY;
}
