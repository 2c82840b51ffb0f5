/* The caller does the first piece itself. */
#include "base/side_by_side.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/memory.h"

struct piece {
    void (*work)(void *payload);
    void *payload;
    pthread_t thread;
    bool has_thread;
};

static void *
run(void *argument)
{
    struct piece *piece = argument;

    piece->work(piece->payload);
    return NULL;
}

void
pn_side_by_side(void (*work)(void *payload), void *payloads, size_t size, size_t count)
{
    struct piece pieces[PN_SIDE_BY_SIDE_MAX];
    bool alone = pn_budget_is_entered();

    for (size_t i = 0; i < count; i++) {
        pieces[i] =
            (struct piece){ .work = work, .payload = (char *)payloads + i * size };
        pieces[i].has_thread =
            i && !alone &&
            pthread_create(&pieces[i].thread, NULL, run, &pieces[i]) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (pieces[i].has_thread)
            pthread_join(pieces[i].thread, NULL);
        else
            run(&pieces[i]);
}
