/* The forms that messages of a server have: server/messages.h says what each tells. */
#ifndef SRV_MESSAGE_FORMS_H
#define SRV_MESSAGE_FORMS_H

#include "server/messages.h"

struct srv_forms {
    void (*start)(struct srv_server *server);
    void (*served)(struct srv_server *server, pid_t pid,
                   const struct srv_client *client,
                   const struct postern_decision *decision);
    void (*refused)(struct srv_server *server, const struct srv_client *client,
                    enum srv_admission admission,
                    const struct postern_decision *decision,
                    const struct srv_exceeded *exceeded);
    void (*dropped)(struct srv_server *server, const struct srv_client *client,
                    const char *what, const char *name, const char *reason);
    void (*gone)(struct srv_server *server, const struct srv_client *client);
    void (*failed)(struct srv_server *server, const struct srv_client *client,
                   const char *reason);
    void (*ended)(struct srv_server *server, pid_t pid, int status, int64_t begun_ns);
    void (*listen)(struct srv_log *log, const struct srv_endpoint *end,
                   const char *reason);
    void (*warning)(struct srv_log *log, const char *text, const char *reason);
    void (*cell)(struct srv_log *log, const char *text);
    void (*shadow)(struct srv_server *server, const struct srv_client *client,
                   const struct srv_shadowed *shadowed);
    void (*counters)(struct srv_server *server);
    void (*loss)(struct srv_line *line, const struct srv_log *log);
    /* what ends the server: server/fatal.h; NULL for the usual words */
    void (*fatal)(const char *program, const char *what, const char *name,
                  const char *reason);
};

extern const struct srv_forms srv_forms_classic, srv_forms_json;

#endif
