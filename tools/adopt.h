/* What `postern adopt` finds on a machine, and what it makes of it. */
#ifndef PN_TOOLS_ADOPT_H
#define PN_TOOLS_ADOPT_H

#include "base/arena.h"
#include "base/intern.h"
#include "interop/import.h"
#include "tools/tool.h"

/* Files that decide who may connect, by the program that reads them. */
enum pn_adopt_kind {
    PN_ADOPT_TCPSERVER, /* a run script or unit that starts tcpserver -x */
    PN_ADOPT_RULES,     /* a rules file that no script names */
    PN_ADOPT_IPSVD,
    PN_ADOPT_S6,
    PN_ADOPT_INETD,
    PN_ADOPT_XINETD,
    PN_ADOPT_HOSTS,
    PN_ADOPT_NGINX,
    PN_ADOPT_SSHD,
    PN_ADOPT_KINDS
};

extern const char *const pn_adopt_kinds[PN_ADOPT_KINDS];

/* What becomes of it. */
enum pn_adopt_state {
    PN_ADOPT_GOES,   /* it has a policy, or a run script, or both */
    PN_ADOPT_UNREAD, /* nobody reads it any more */
    PN_ADOPT_STAYS   /* it cannot go over; a note says why */
};

extern const char *const pn_adopt_states[];

/* A log, and how its connections are decided by the policy. */
struct pn_adopt_log {
    const char *path;
    uint64_t connections, changed; /* of which are decided otherwise, */
    uint64_t unread;               /* and lines that do not tell a client as it was */
    uint64_t line;                 /* the first that is decided otherwise, from 1 */
    const char *client;            /* of that line */
};

/* Texts are of the arena; paths are those beneath ROOT, with a slash in front. */
struct pn_adopt_item {
    enum pn_adopt_kind kind;
    enum pn_adopt_state state;
    const char *file;
    size_t line;        /* from 1; 0: all of the file */
    const char *what;   /* the service, daemon, or variable; or NULL */
    const char *daemon; /* that hosts.allow is asked of; or NULL */
    const char *reader; /* who reads it, where that was looked for; or NULL */
    const char *name;   /* of its folder and files in DIR; NULL: nothing is written */
    const char *rules;  /* the file of rules that is asked now; or NULL */
    const char *script; /* the run script that starts it now; or NULL */
    const char *script_name;      /* of the run script in DIR: run, or NAME.service */
    const char *server;           /* of ours that a new script starts; or NULL */
    struct pn_buffer policy, run; /* what is written; empty for none */
    bool is_down;                 /* it is not started by itself */
    const char *port;             /* where it listens, as written; or NULL */
    const char *logged;           /* its name in the log of xinetd; or NULL */
    const char *log_file;         /* of its own, that xinetd writes; or NULL */
    struct pn_adopt_log *logs;    /* that were replayed */
    size_t log_count, log_capacity;
};

/* What is to be said of a place. */
struct pn_adopt_note {
    const char *file;
    size_t line; /* from 1, or 0 */
    const char *text;
    bool is_error; /* something could not be read or imported */
};

struct pn_adopt {
    struct pn_tool *tool;
    const char *root, *programs; /* as given */
    int folder;                  /* ROOT, opened */
    struct pn_arena *arena;
    struct pn_adopt_item *items;
    size_t item_count, item_capacity;
    struct pn_adopt_note *notes;
    size_t note_count, note_capacity;
    struct pn_intern told; /* notes, so that none is there twice */
    const char **wrapped;  /* paths of programs that need libwrap */
    size_t wrapped_count, wrapped_capacity;
    bool prove;  /* imports are held to the originals on this machine */
    bool failed; /* out of memory */
};

/* A text of the arena; "" without memory, which is remembered. */
__attribute__((format(printf, 2, 3))) const char *
pn_adopt_text(struct pn_adopt *adopt, const char *format, ...);

/* The same of bytes. */
const char *
pn_adopt_copy(struct pn_adopt *adopt, struct pn_str text);

__attribute__((format(printf, 4, 5))) void
pn_adopt_note(struct pn_adopt *adopt, const char *file, size_t line, const char *format,
              ...);

/* The same of what could not be read or imported. */
__attribute__((format(printf, 4, 5))) void
pn_adopt_error(struct pn_adopt *adopt, const char *file, size_t line,
               const char *format, ...);

/*
 * Adds an item; NULL without memory, or when there are too many. It moves when the next
 * one is added.
 */
struct pn_adopt_item *
pn_adopt_add(struct pn_adopt *adopt, struct pn_adopt_item item);

/*
 * A name for files of DIR: of letters, digits, ".", "_" and "-", and of no other item.
 */
const char *
pn_adopt_name(struct pn_adopt *adopt, const char *wanted);

void
pn_adopt_clear(struct pn_adopt *adopt);

/* The finders; each adds items and notes. What the system refuses is a note. */
void
pn_adopt_wrapped_find(struct pn_adopt *adopt);

void
pn_adopt_scripts_find(struct pn_adopt *adopt);

void
pn_adopt_rules_find(struct pn_adopt *adopt);

void
pn_adopt_inetd_find(struct pn_adopt *adopt);

void
pn_adopt_xinetd_find(struct pn_adopt *adopt);

void
pn_adopt_hosts_find(struct pn_adopt *adopt);

void
pn_adopt_nginx_find(struct pn_adopt *adopt);

void
pn_adopt_sshd_find(struct pn_adopt *adopt);

/* Replays what syslog and xinetd have written of all that the others have added. */
void
pn_adopt_syslog_replay(struct pn_adopt *adopt);

/* Who of the programs that need libwrap has this base name; NULL: none. */
const char *
pn_adopt_wrapped(const struct pn_adopt *adopt, const char *base);

/* Writes DIR, whole or not at all. Returns an enum pn_exit, and reports. */
int
pn_adopt_write(struct pn_adopt *adopt, const char *dir);

/* The cut-over list, as it stands in DIR. */
void
pn_adopt_list(const struct pn_adopt *adopt, struct pn_buffer *out);

/* What was found, for a person or as one document. `dir` is NULL: nothing is written.
 */
void
pn_adopt_report_text(struct pn_adopt *adopt, const char *dir);

void
pn_adopt_report_json(struct pn_adopt *adopt, const char *dir);

#endif
