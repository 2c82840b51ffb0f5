/* mconnect-io: a person on standard input and output, a server on descriptors 6 and 7.
 */
#include <signal.h>
#include <unistd.h>

#include "server/fatal.h"
#include "server/flow.h"

enum { SERVER_OUT = 6, SERVER_IN = 7 };

int
main(void)
{
    static struct srv_flow flows[2];
    const struct sigaction ignore = { .sa_handler = SIG_IGN };

    (void)sigaction(SIGPIPE, &ignore, NULL); /* a valid signal */
    flows[0] = (struct srv_flow){ .from = STDIN_FILENO,
                                  .to = SERVER_IN,
                                  .filter = srv_filter_addcr };
    flows[1] = (struct srv_flow){ .from = SERVER_OUT,
                                  .to = STDOUT_FILENO,
                                  .filter = srv_filter_none };
    return srv_flow_run(flows, 2, 1) ? 0 : SRV_EXIT_TEMPORARY;
}
