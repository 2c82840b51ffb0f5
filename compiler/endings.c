/*
 * Signals that end a process of our own: a list that their handler may read. What is
 * linked into programs of others has library/no_endings.c in its place, for there
 * signals are not ours.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/sizes.h"
#include "compiler/temporaries.h"

enum { MOST = 8 };

/* `used` is set last and cleared first: a handler that sees it sees the rest. */
static struct {
    volatile sig_atomic_t used;
    int at;
    char name[NAME_MAX + 1];
} remembered[MOST];

/* What is written first; `fd` is set last and cleared first. */
static struct {
    volatile sig_atomic_t fd; /* and 1, so that 0 is none */
    const char *text;
    size_t size;
} last_words;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const int endings[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
                               SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU };

/* unlinkat(2), write(2), sigaction(2) and raise(3) may be called here. */
static void
on_ending(int number)
{
    const struct sigaction standard = { .sa_handler = SIG_DFL };

    for (size_t i = 0; i < MOST; i++)
        if (remembered[i].used)
            (void)unlinkat(remembered[i].at, remembered[i].name, 0);
    if (last_words.fd && write(last_words.fd - 1, last_words.text, last_words.size) < 0)
        last_words.fd = 0; /* nobody is there to see it */
    (void)sigaction(number, &standard, NULL);
    (void)raise(number); /* and it comes when this returns */
}

/* What is ignored, as under nohup(1), stays so. */
static void
watch_endings(void)
{
    const struct sigaction ours = { .sa_handler = on_ending };
    struct sigaction now;

    for (size_t i = 0; i < PN_COUNT_OF(endings); i++)
        if (sigaction(endings[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            (void)sigaction(endings[i], &ours, NULL); /* else they end it as they did */
}

void
pn_temporaries_add(int at, const char *name)
{
    size_t size = strlen(name) + 1;

    pthread_mutex_lock(&lock);
    watch_endings();
    for (size_t i = 0; i < MOST; i++) {
        if (remembered[i].used || size > sizeof(remembered[i].name))
            continue;
        remembered[i].at = at;
        memcpy(remembered[i].name, name, size);
        remembered[i].used = 1;
        break;
    }
    pthread_mutex_unlock(&lock);
}

void
pn_temporaries_forget(int at, const char *name)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MOST; i++)
        if (remembered[i].used && remembered[i].at == at &&
            strcmp(remembered[i].name, name) == 0)
            remembered[i].used = 0;
    pthread_mutex_unlock(&lock);
}

void
pn_ending_write(int fd, const char *text)
{
    pthread_mutex_lock(&lock);
    last_words.fd = 0;
    if (fd >= 0) {
        watch_endings();
        last_words.text = text;
        last_words.size = strlen(text);
        last_words.fd = fd + 1;
    }
    pthread_mutex_unlock(&lock);
}
