/*
 * Messages as they come in: a thread reads them, so that one which makes another void
 * is seen while that is being answered. The rest of a server is one thread, the owner.
 */
#ifndef PN_RPC_INBOX_H
#define PN_RPC_INBOX_H

#include <stdatomic.h>

#include "rpc/framer.h"
#include "rpc/message.h"

/* What has become of a message while it waited. */
enum pn_letter_state {
    PN_LETTER_GOOD,
    PN_LETTER_CANCELLED, /* who sent it has taken it back */
    PN_LETTER_OUTDATED   /* a later one has made it void */
};

/* Owns its message. */
struct pn_letter {
    struct pn_message message;
    enum pn_letter_state state;
};

/* How messages come, and which of them make others void. */
struct pn_inbox_options {
    int fd;
    /* Read in the place of `fd` where its ptr is not NULL, and the caller's: without a
     * thread, a message whenever one is asked for, and the same every time. */
    struct pn_str text;
    enum pn_framing framing;
    size_t limit;              /* of the bytes of a message */
    const char *cancel_method; /* a notification that takes a request back, */
    const char *cancel_member; /* and what of its params is the id of that */
    /* Does the later message make the earlier one void? NULL: none does. It is called
     * in the thread that reads, and may only look at both. */
    bool (*outdates)(const struct pn_message *later, const struct pn_message *earlier);
};

struct pn_inbox;

/*
 * Begins to read. NULL with errno set. The options are copied; the descriptor stays the
 * caller's, and open until the process ends, since the thread may be reading by then.
 */
struct pn_inbox *
pn_inbox_open(const struct pn_inbox_options *options);

/* Gives it back, with what waits in it; but where the thread still reads, which cannot
 * be ended, it stays as long as the process. NULL is fine. */
void
pn_inbox_close(struct pn_inbox *inbox);

enum pn_inbox_wait { PN_INBOX_LETTER, PN_INBOX_TIMEOUT, PN_INBOX_END };

/*
 * The next message, the caller's to clear; waits so many milliseconds. Behind the last
 * one, PN_INBOX_END.
 */
enum pn_inbox_wait
pn_inbox_next(struct pn_inbox *inbox, int wait_ms, struct pn_letter *out);

/*
 * From now on `*stop` is set as soon as the letter, which is being answered, is taken
 * back or outdated; without a letter, as soon as any message comes, or the input ends.
 */
void
pn_inbox_watch(struct pn_inbox *inbox, const struct pn_letter *letter,
               atomic_bool *stop);

/* No longer; *stop is false then. What became of it; without a letter, whether a
 * message came. */
enum pn_letter_state
pn_inbox_unwatch(struct pn_inbox *inbox);

#endif
