/* A thread that waits, and speaks when it has waited long enough. */
#include "lsp/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FIRST_MS = 300, NEXT_MS = 1000, TOKEN_SIZE = 32 };

/* Our own token, and the editor's where it has given one. */
static json_t *
token_of(const struct pn_lsp_progress *progress)
{
    char name[TOKEN_SIZE];

    if (progress->token)
        return json_deep_copy(progress->token);
    (void)snprintf(name, sizeof(name), "postern-%u", progress->number);
    return json_string(name);
}

void
pn_lsp_progress_ask(struct pn_lsp_progress *progress)
{
    progress->number++;
    progress->is_agreed = false;
    progress->token = NULL;
    progress->asked = pn_peer_ask(progress->peer, "window/workDoneProgress/create",
                                  json_pack("{s:o}", "token", token_of(progress)));
}

void
pn_lsp_progress_answer(struct pn_lsp_progress *progress,
                       const struct pn_message *response)
{
    if (!progress->asked || !json_is_integer(response->id) ||
        json_integer_value(response->id) != progress->asked)
        return;
    progress->asked = 0;
    progress->is_agreed = !response->error;
}

/* Takes the value over. */
static void
say(struct pn_lsp_progress *progress, json_t *value)
{
    pn_peer_notify(
        progress->peer, "$/progress",
        json_pack("{s:o, s:o}", "token", token_of(progress), "value", value));
}

static struct timespec
in_ms(long ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (at.tv_nsec / 1000000 + ms) / 1000;
    at.tv_nsec = (at.tv_nsec / 1000000 + ms) % 1000 * 1000000;
    return at;
}

/* Waits; false when the look has ended. */
static bool
wait_for(struct pn_lsp_progress *progress, long ms)
{
    struct timespec until = in_ms(ms);
    int error = 0;

    while (!progress->is_over && !error)
        error = pthread_cond_timedwait(&progress->woken, &progress->lock, &until);
    return !progress->is_over;
}

static void *
tell(void *payload)
{
    struct pn_lsp_progress *progress = payload;
    char seconds[TOKEN_SIZE];

    pthread_mutex_lock(&progress->lock);
    if (wait_for(progress, FIRST_MS)) {
        progress->is_begun = true;
        say(progress,
            json_pack("{s:s, s:s, s:s*, s:b}", "kind", "begin", "title",
                      "Looking at rules", "message", progress->name, "cancellable", 0));
    }
    for (unsigned s = 1; wait_for(progress, NEXT_MS); s++) {
        (void)snprintf(seconds, sizeof(seconds), "%u s", s);
        say(progress, json_pack("{s:s, s:s}", "kind", "report", "message", seconds));
    }
    pthread_mutex_unlock(&progress->lock);
    return NULL;
}

static bool
locks_make(struct pn_lsp_progress *progress)
{
    pthread_condattr_t clock;
    bool good;

    if (pthread_condattr_init(&clock) != 0)
        return false;
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    good = pthread_cond_init(&progress->woken, &clock) == 0;
    pthread_condattr_destroy(&clock);
    if (good && pthread_mutex_init(&progress->lock, NULL) != 0) {
        pthread_cond_destroy(&progress->woken);
        return false;
    }
    return good;
}

static void
locks_clear(struct pn_lsp_progress *progress)
{
    pthread_cond_destroy(&progress->woken);
    pthread_mutex_destroy(&progress->lock);
}

/* Signals are for the owner. */
static bool
thread_start(struct pn_lsp_progress *progress)
{
    sigset_t all, before;
    bool good;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    good = pthread_create(&progress->thread, NULL, tell, progress) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}

void
pn_lsp_progress_begin(struct pn_lsp_progress *progress, const struct pn_rpc_call *call,
                      const char *path)
{
    const json_t *token = call ? json_object_get(call->params, "workDoneToken") : NULL;
    const char *slash = strrchr(path, '/');

    if (!json_is_string(token) && !json_is_integer(token))
        token = NULL;
    if (progress->runs || (!token && !progress->is_agreed))
        return;
    progress->token = token;
    progress->name = slash ? slash + 1 : path;
    progress->is_over = progress->is_begun = false;
    if (!locks_make(progress))
        return;
    progress->runs = thread_start(progress);
    if (!progress->runs) /* nobody is told: the work is done all the same */
        locks_clear(progress);
}

void
pn_lsp_progress_end(struct pn_lsp_progress *progress)
{
    if (!progress->runs)
        return;
    pthread_mutex_lock(&progress->lock);
    progress->is_over = true;
    pthread_cond_signal(&progress->woken);
    pthread_mutex_unlock(&progress->lock);
    pthread_join(progress->thread, NULL);
    locks_clear(progress);
    progress->runs = false;
    if (!progress->is_begun)
        return;
    say(progress, json_pack("{s:s}", "kind", "end"));
    if (!progress->token)
        pn_lsp_progress_ask(progress);
}
