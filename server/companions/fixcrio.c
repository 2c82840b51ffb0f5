/* fixcrio PROGRAM: its lines, in and out, end in carriage return and newline. */
#include <stddef.h>
#include <unistd.h>

#include "server/command.h"
#include "server/companions/bridge.h"
#include "server/companions/flow.h"
#include "server/fatal.h"

static const struct srv_command this = {
    .name = "fixcrio",
    .usage = "fixcrio: usage: fixcrio program [ arg ... ]\n",
    .summary = "fixcrio PROGRAM [ARGUMENT...]\n"
               "Runs PROGRAM; in its input and output each newline gets the carriage\n"
               "return that it lacks.\n",
};

enum { IN, OUT };

static int
filter_run(const struct srv_bridge *bridge)
{
    struct srv_flow flows[2]; /* on the stack, which no limit on data counts */

    srv_flow_init(&flows[IN], STDIN_FILENO, bridge->to_program, srv_filter_fixcr);
    srv_flow_init(&flows[OUT], bridge->from_program, STDOUT_FILENO, srv_filter_fixcr);
    flows[IN].closes = true;
    return srv_flow_run(flows, 2, OUT) ? 0 : SRV_EXIT_TEMPORARY;
}

int
main(int argc, char **argv)
{
    return srv_bridge_main(&this, argc, argv, filter_run);
}
