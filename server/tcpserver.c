/* tcpserver HOST PORT PROGRAM: a program for each connection. */
#include "server/life.h"
#include "server/serve.h"

int
main(int argc, char **argv)
{
    static const struct srv_kind kind = { .command = &srv_tcpserver,
                                          .environ_use = SRV_ENVIRON_SERVER,
                                          .readable = srv_serve_listener,
                                          .rules = srv_serve_rules,
                                          .turn = srv_serve_ready,
                                          .deferred = srv_serve_deferred };

    return srv_live(argc, argv, &kind);
}
