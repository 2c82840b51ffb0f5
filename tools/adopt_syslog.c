/*
 * Logs that hold the lines of several services: those of syslog, and xinetd's own. Each
 * is read once, and each of its lines decided by the policies that it speaks of.
 */
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "tools/adopt_logs.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_tree.h"
#include "tools/input/query.h"

static const char syslogs[] = "/var/log";

/* So many connections may stand between the two lines of one that xinetd denies. */
enum { HALVES_MOST = 64 };

/*
 * xinetd writes that it starts, and then looks whether it may: of whom it denies its
 * child writes a second line, which may as well be the first.
 */
struct half {
    struct pn_query_line line;
    uint64_t number;
    bool is_open; /* the other one has not been seen */
};

/* An item with a policy, and what is known of it in the log at hand. */
struct subject {
    size_t item;
    bool needs_more; /* of its clients than their addresses */
    struct pn_rules_file rules;
    struct pn_adopt_replay replay;
    struct half halves[HALVES_MOST]; /* a ring */
    size_t next;
};

struct subjects {
    struct pn_adopt *adopt;
    struct subject *items;
    size_t count, capacity;
    struct pn_intern seen; /* paths of logs */
};

static struct pn_adopt_item *
item_of(const struct subjects *all, const struct subject *subject)
{
    return &all->adopt->items[subject->item];
}

/* Is the line one that the rules of this item have decided? */
static bool
is_its(const struct pn_adopt_item *item, const struct pn_query_line *line)
{
    const bool is_daemon = item->daemon && pn_str_is(line->service, item->daemon);

    switch (line->writer) {
    case PN_LOG_XINETD:
        return item->logged && pn_str_is(line->service, item->logged);
    case PN_LOG_WRAPPER:
        return is_daemon;
    case PN_LOG_LOGIN:
        return is_daemon || item->kind == PN_ADOPT_SSHD;
    case PN_LOG_SERVER:
        break;
    }
    return false;
}

/* libwrap writes the names that it has looked up; xinetd and sshd have addresses. */
static void
line_decide(struct subject *subject, const struct pn_query_line *line, uint64_t number)
{
    subject->replay.asks_more = subject->needs_more && line->writer != PN_LOG_WRAPPER;
    pn_adopt_replay_line(&subject->replay, line, number);
}

/* One that starts, and whom nothing denies, is allowed. */
static void
half_end(struct subject *subject, struct half *half)
{
    if (half->is_open && half->line.is_start)
        line_decide(subject, &half->line, half->number);
    half->is_open = false;
}

/* The last line of this address that waits for one as this is; NULL: none. */
static struct half *
half_find(struct subject *subject, const struct pn_query_line *line)
{
    for (size_t i = 1; i <= HALVES_MOST; i++) {
        struct half *half =
            &subject->halves[(subject->next + HALVES_MOST - i) % HALVES_MOST];

        if (half->is_open && half->line.is_start != line->is_start &&
            memcmp(&half->line.query.remote, &line->query.remote,
                   sizeof(line->query.remote)) == 0)
            return half;
    }
    return NULL;
}

static void
subject_take(struct subject *subject, const struct pn_query_line *line, uint64_t number)
{
    struct half *other;

    if (line->kind != PN_QUERY_READ || line->writer != PN_LOG_XINETD) {
        line_decide(subject, line, number);
        return;
    }
    other = half_find(subject, line);
    if (!line->is_start)
        line_decide(subject, line, number);
    if (other) {
        other->is_open = false;
        return;
    }
    half_end(subject, &subject->halves[subject->next]);
    subject->halves[subject->next] = (struct half){ *line, number, true };
    subject->next = (subject->next + 1) % HALVES_MOST;
}

static void
lines_take(struct subjects *all, const struct pn_source *source)
{
    struct pn_str rest = { source->text, source->size };
    struct pn_query_line line = { .kind = PN_QUERY_NONE };
    uint64_t number = 0;

    while (rest.len) {
        pn_query_parse(&line, pn_str_cut(&rest, '\n'));
        number++;
        for (size_t i = 0; line.service.len && i < all->count; i++)
            if (is_its(item_of(all, &all->items[i]), &line))
                subject_take(&all->items[i], &line, number);
    }
    pn_buffer_free(&line.decoded);
}

static void
file_replay(struct subjects *all, const char *path)
{
    struct pn_source source;

    if (!pn_adopt_read(all->adopt, path, PN_ADOPT_LOG_MOST, &source))
        return;
    for (size_t i = 0; i < all->count; i++)
        all->items[i].replay.log = (struct pn_adopt_log){ .path = path };
    lines_take(all, &source);
    for (size_t i = 0; i < all->count; i++) {
        struct subject *subject = &all->items[i];

        for (size_t k = 0; k < HALVES_MOST; k++)
            half_end(subject, &subject->halves[(subject->next + k) % HALVES_MOST]);
        if (subject->replay.log.connections || subject->replay.log.unread)
            pn_adopt_replay_end(&subject->replay, item_of(all, subject));
    }
    pn_source_clear(&source);
}

/* What logrotate and newsyslog put behind a name: ".1", or "-20260301". */
static bool
is_rotated(struct pn_str tail)
{
    if (tail.len < 2 || (*tail.ptr != '.' && *tail.ptr != '-'))
        return false;
    for (size_t i = 1; i < tail.len; i++)
        if (!pn_is_digit(tail.ptr[i]))
            return false;
    return true;
}

/* "syslog.2.gz": a log that is packed. The rest of the name is cut off. */
static bool
packed_cut(struct pn_str *tail)
{
    static const char *const ends[] = { ".gz", ".xz", ".bz2", ".zst" };

    for (size_t i = 0; i < PN_COUNT_OF(ends); i++) {
        size_t size = strlen(ends[i]);

        if (tail->len >= size &&
            pn_str_is(pn_str_from(*tail, tail->len - size), ends[i])) {
            tail->len -= size;
            return true;
        }
    }
    return false;
}

/* A log of this name, and those that it was before. */
static void
log_replay(struct subjects *all, const char *folder, const char *base)
{
    struct pn_adopt_names names;
    size_t packed = 0;

    (void)pn_adopt_names_read(all->adopt, folder, &names);
    for (size_t i = 0; i < names.count && !all->adopt->failed; i++) {
        const char *path = pn_adopt_text(all->adopt, "%s/%s", folder, names.items[i]);
        struct pn_str tail = pn_str_of_text(names.items[i]);
        size_t before = all->seen.count;
        uint32_t number;

        if (!pn_str_begins(tail, base))
            continue;
        tail = pn_str_from(tail, strlen(base));
        if (packed_cut(&tail))
            packed += is_rotated(tail);
        else if (!tail.len || is_rotated(tail)) {
            all->adopt->failed |=
                !pn_intern_add(&all->seen, path, strlen(path), &number);
            if (all->seen.count != before)
                file_replay(all, path);
        }
    }
    if (packed)
        pn_adopt_note(all->adopt, pn_adopt_text(all->adopt, "%s/%s", folder, base), 0,
                      "%zu more of it are packed, and not replayed: unpack them, and "
                      "see postern replay",
                      packed);
    pn_free(names.items);
}

/* The files that xinetd itself writes, of each item. */
static void
own_logs_replay(struct subjects *all)
{
    for (size_t i = 0; i < all->count && !all->adopt->failed; i++) {
        const char *path = item_of(all, &all->items[i])->log_file;
        const char *slash = path ? strrchr(path, '/') : NULL;

        if (slash && slash[1])
            log_replay(all,
                       pn_adopt_copy(all->adopt, pn_str_to(pn_str_of_text(path),
                                                           (size_t)(slash - path))),
                       slash + 1);
    }
}

static void
subject_add(struct subjects *all, size_t number)
{
    struct pn_adopt *adopt = all->adopt;
    const struct pn_adopt_item *item = &adopt->items[number];
    struct pn_adopt_asked asked = pn_adopt_ask(adopt, &item->policy);
    struct subject subject = { .item = number };

    subject.needs_more = asked.needs_names || asked.needs_idents;
    if (pn_adopt_serve(adopt, pn_str_of(&item->policy), &subject.rules)) {
        if (pn_vector_add(&all->items, &all->count, &all->capacity, &subject,
                          sizeof(subject)))
            return;
        adopt->failed = true;
    }
    pn_rules_file_close(&subject.rules);
}

/* Items that lines of such logs may speak of. */
static void
subjects_find(struct subjects *all)
{
    struct pn_adopt *adopt = all->adopt;

    for (size_t i = 0; i < adopt->item_count && !adopt->failed; i++) {
        const struct pn_adopt_item *item = &adopt->items[i];

        if (item->policy.size &&
            (item->daemon || item->logged || item->kind == PN_ADOPT_SSHD))
            subject_add(all, i);
    }
    for (size_t i = 0; i < all->count; i++) /* they do not move any more */
        all->items[i].replay =
            (struct pn_adopt_replay){ .adopt = adopt, .rules = &all->items[i].rules };
}

void
pn_adopt_syslog_replay(struct pn_adopt *adopt)
{
    static const char *const names[] = { "syslog",  "messages", "auth.log",
                                         "authlog", "secure",   "daemon.log",
                                         "maillog", "mail.log", "xinetd.log",
                                         "xinetd" };
    struct subjects all = { .adopt = adopt };

    subjects_find(&all);
    for (size_t i = 0; all.count && i < PN_COUNT_OF(names) && !adopt->failed; i++)
        log_replay(&all, syslogs, names[i]);
    own_logs_replay(&all);
    for (size_t i = 0; i < all.count; i++)
        pn_rules_file_close(&all.items[i].rules);
    pn_free(all.items);
    pn_intern_clear(&all.seen);
}
