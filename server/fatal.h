/* Fatal errors of the drop-ins: the original's words and exit statuses. */
#ifndef SRV_FATAL_H
#define SRV_FATAL_H

enum { SRV_EXIT_PERMANENT = 100, SRV_EXIT_TEMPORARY = 111 };

/* How a fatal error is said, with a reason or NULL. NULL: as below, from the start. */
typedef void (*srv_fatal_fn)(const char *program, const char *what, const char *name,
                             const char *reason);

/* Chosen once, before anything can fail. */
void
srv_fatal_say_by(srv_fatal_fn say);

/*
 * "PROGRAM: fatal: WHAT NAME: REASON" on standard error, without NAME when it is NULL
 * and without REASON when error is 0; nothing at all when PROGRAM is NULL, under -q.
 * Returns 111, for main() to return.
 */
int
srv_fatal(const char *program, const char *what, const char *name, int error);

/* The same with a reason of its own. */
int
srv_fatal_because(const char *program, const char *what, const char *name,
                  const char *reason);

#endif
