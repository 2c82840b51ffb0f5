/* A ring of letters between two threads, bounded by their number and their bytes. */
#include "rpc/inbox.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PLACES = 1024, PIECE = 1 << 16 };

struct place {
    struct pn_letter letter;
    size_t size; /* of the message as text */
};

struct pn_inbox {
    struct pn_inbox_options options;
    pthread_mutex_t lock;
    pthread_cond_t came, went;
    pthread_t thread;
    struct place places[PLACES];
    size_t first, count, bytes;
    bool has_ended;
    struct pn_framer framer; /* of a text: there is no thread */
    /* What the owner does now: */
    const struct pn_message *at_work; /* NULL: nothing that anybody asked for */
    enum pn_letter_state state;       /* of that */
    atomic_bool *stop;                /* NULL: nobody watches */
};

static struct place *
place_of(struct pn_inbox *inbox, size_t number)
{
    return &inbox->places[(inbox->first + number) % PLACES];
}

static void
work_stop(struct pn_inbox *inbox, enum pn_letter_state state)
{
    if (!inbox->stop)
        return;
    if (inbox->state == PN_LETTER_GOOD)
        inbox->state = state;
    atomic_store(inbox->stop, true);
}

/* A request is taken back: one that waits, or the one at work. */
static void
cancel(struct pn_inbox *inbox, const json_t *id)
{
    for (size_t i = 0; i < inbox->count; i++) {
        struct pn_letter *letter = &place_of(inbox, i)->letter;

        if (letter->message.kind == PN_MESSAGE_REQUEST &&
            json_equal(letter->message.id, id))
            letter->state = PN_LETTER_CANCELLED;
    }
    if (inbox->at_work && json_equal(inbox->at_work->id, id))
        work_stop(inbox, PN_LETTER_CANCELLED);
}

static void
outdate(struct pn_inbox *inbox, const struct pn_message *later)
{
    if (!inbox->options.outdates)
        return;
    for (size_t i = 0; i < inbox->count; i++) {
        struct pn_letter *letter = &place_of(inbox, i)->letter;

        if (letter->state == PN_LETTER_GOOD &&
            inbox->options.outdates(later, &letter->message))
            letter->state = PN_LETTER_OUTDATED;
    }
    if (inbox->at_work && inbox->options.outdates(later, inbox->at_work))
        work_stop(inbox, PN_LETTER_OUTDATED);
}

/* Puts a message, which is taken over, behind the others, when there is room. */
static void
put(struct pn_inbox *inbox, struct pn_message *message, size_t size)
{
    struct place *place;

    pthread_mutex_lock(&inbox->lock);
    if (message->kind == PN_MESSAGE_NOTIFICATION && inbox->options.cancel_method &&
        strcmp(message->method, inbox->options.cancel_method) == 0) {
        const json_t *id =
            json_object_get(message->params, inbox->options.cancel_member);

        if (id)
            cancel(inbox, id);
        pthread_mutex_unlock(&inbox->lock);
        pn_message_clear(message);
        return;
    }
    outdate(inbox, message);
    if (!inbox->at_work)
        work_stop(inbox, PN_LETTER_OUTDATED);
    while (inbox->count == PLACES ||
           (inbox->count && inbox->bytes + size > inbox->options.limit))
        pthread_cond_wait(&inbox->went, &inbox->lock);
    place = place_of(inbox, inbox->count++);
    *place = (struct place){ { *message, PN_LETTER_GOOD }, size };
    inbox->bytes += size;
    pthread_cond_signal(&inbox->came);
    pthread_mutex_unlock(&inbox->lock);
}

/* What the framer could not make a message of. */
static void
put_fault(struct pn_inbox *inbox, enum pn_frame frame)
{
    struct pn_message message = { .kind = PN_MESSAGE_BAD };

    switch (frame) {
    case PN_FRAME_TOO_LONG:
        message.code = PN_RPC_INVALID_REQUEST;
        message.why = "the message is too long";
        break;
    case PN_FRAME_MEMORY:
        message.code = PN_RPC_INTERNAL_ERROR;
        message.why = "there is no memory for the message";
        break;
    default:
        message.code = PN_RPC_PARSE_ERROR;
        message.why = "a header is wanted: \"Content-Length: N\", and an empty line";
        break;
    }
    put(inbox, &message, 0);
}

/* Puts the next message, or what is wrong with it; false when there is none. */
static bool
frame_take(struct pn_inbox *inbox, struct pn_framer *framer)
{
    struct pn_message message;
    struct pn_str text;
    enum pn_frame frame = pn_framer_next(framer, &text);

    if (frame == PN_FRAME_MESSAGE) {
        pn_message_read(&message, text);
        put(inbox, &message, text.len);
    } else if (frame != PN_FRAME_NONE)
        put_fault(inbox, frame);
    return frame != PN_FRAME_NONE;
}

/* Of a text one message waits at most, so that nothing has to wait for room. */
static void
text_take(struct pn_inbox *inbox)
{
    while (!inbox->count && !inbox->has_ended)
        inbox->has_ended = !frame_take(inbox, &inbox->framer);
}

static void *
read_all(void *payload)
{
    struct pn_inbox *inbox = payload;
    struct pn_framer framer = { .framing = inbox->options.framing,
                                .limit = inbox->options.limit };
    char *piece = malloc(PIECE);
    ssize_t size = 0;

    while (piece) {
        size = read(inbox->options.fd, piece, PIECE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        if (!pn_framer_add(&framer, piece, (size_t)size))
            put_fault(inbox, PN_FRAME_MEMORY);
        while (frame_take(inbox, &framer))
            continue;
    }
    free(piece);
    pn_framer_clear(&framer);
    pthread_mutex_lock(&inbox->lock);
    inbox->has_ended = true;
    if (!inbox->at_work) /* an answer may still be read */
        work_stop(inbox, PN_LETTER_OUTDATED);
    pthread_cond_signal(&inbox->came);
    pthread_mutex_unlock(&inbox->lock);
    return NULL;
}

/* Signals are for the owner. */
static int
thread_start(struct pn_inbox *inbox)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&inbox->thread, NULL, read_all, inbox);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static bool
locks_make(struct pn_inbox *inbox)
{
    pthread_condattr_t clock;

    if ((errno = pthread_condattr_init(&clock)))
        return false;
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    errno = pthread_cond_init(&inbox->came, &clock);
    pthread_condattr_destroy(&clock);
    if (!errno)
        errno = pthread_cond_init(&inbox->went, NULL);
    if (!errno)
        errno = pthread_mutex_init(&inbox->lock, NULL);
    return !errno;
}

struct pn_inbox *
pn_inbox_open(const struct pn_inbox_options *options)
{
    struct pn_inbox *inbox = calloc(1, sizeof(*inbox));

    if (!inbox)
        return NULL;
    inbox->options = *options;
    inbox->framer =
        (struct pn_framer){ .framing = options->framing, .limit = options->limit };
    json_object_seed(0); /* before there are two threads */
    if (locks_make(inbox)) {
        if (options->text.ptr)
            errno = pn_framer_add(&inbox->framer, options->text.ptr, options->text.len)
                        ? 0
                        : ENOMEM;
        else
            errno = thread_start(inbox);
        if (!errno)
            return inbox;
    }
    free(inbox);
    return NULL;
}

static struct timespec
deadline(int wait_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += wait_ms / 1000;
    at.tv_nsec += wait_ms % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

enum pn_inbox_wait
pn_inbox_next(struct pn_inbox *inbox, int wait_ms, struct pn_letter *out)
{
    struct timespec until = deadline(wait_ms);
    enum pn_inbox_wait found = PN_INBOX_TIMEOUT;
    int error = 0;

    if (inbox->options.text.ptr) {
        if (!wait_ms && !inbox->count)
            return PN_INBOX_TIMEOUT; /* what is done meanwhile has its turn */
        text_take(inbox);
    }
    pthread_mutex_lock(&inbox->lock);
    while (!inbox->count && !inbox->has_ended && !error && wait_ms)
        error = pthread_cond_timedwait(&inbox->came, &inbox->lock, &until);
    if (inbox->count) {
        struct place *place = place_of(inbox, 0);

        *out = place->letter;
        inbox->bytes -= place->size;
        inbox->first = (inbox->first + 1) % PLACES;
        inbox->count--;
        pthread_cond_signal(&inbox->went);
        found = PN_INBOX_LETTER;
    } else if (inbox->has_ended)
        found = PN_INBOX_END;
    pthread_mutex_unlock(&inbox->lock);
    return found;
}

void
pn_inbox_watch(struct pn_inbox *inbox, const struct pn_letter *letter,
               atomic_bool *stop)
{
    pthread_mutex_lock(&inbox->lock);
    inbox->at_work = letter ? &letter->message : NULL;
    inbox->state = PN_LETTER_GOOD;
    inbox->stop = stop;
    if (!letter && (inbox->has_ended || inbox->count))
        work_stop(inbox, PN_LETTER_OUTDATED);
    pthread_mutex_unlock(&inbox->lock);
}

enum pn_letter_state
pn_inbox_unwatch(struct pn_inbox *inbox)
{
    enum pn_letter_state state;

    pthread_mutex_lock(&inbox->lock);
    state = inbox->state;
    atomic_store(inbox->stop, false);
    inbox->stop = NULL;
    inbox->at_work = NULL;
    pthread_mutex_unlock(&inbox->lock);
    return state;
}

void
pn_inbox_close(struct pn_inbox *inbox)
{
    struct pn_letter letter;
    bool has_ended;

    if (!inbox)
        return;
    while (pn_inbox_next(inbox, 0, &letter) == PN_INBOX_LETTER)
        pn_message_clear(&letter.message);
    pthread_mutex_lock(&inbox->lock);
    has_ended = inbox->has_ended;
    pthread_mutex_unlock(&inbox->lock);
    pn_framer_clear(&inbox->framer);
    if (!inbox->options.text.ptr) {
        if (!has_ended) /* it reads, until the process ends */
            return;
        pthread_join(inbox->thread, NULL);
    }
    while (pn_inbox_next(inbox, 0, &letter) == PN_INBOX_LETTER)
        pn_message_clear(&letter.message);
    pthread_cond_destroy(&inbox->came);
    pthread_cond_destroy(&inbox->went);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}
