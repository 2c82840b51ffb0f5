/* Listening, pausing, and the timers that end a pause. */
#include "server/gate.h"

#include "server/clock.h"

enum { PAUSE_LEAST_MS = 10, PAUSE_MOST_MS = 100 };

static void
on_resume(struct srv_timer *timer)
{
    struct srv_server *server = timer->owner;

    server->paused = false;
    srv_gate_update(server);
}

static void
on_place_free(struct srv_timer *timer)
{
    srv_gate_update(timer->owner);
}

void
srv_gate_init(struct srv_server *server)
{
    server->resume = (struct srv_timer){ .fire = on_resume, .owner = server };
    server->place_timer = (struct srv_timer){ .fire = on_place_free, .owner = server };
}

bool
srv_gate_has_place(const struct srv_server *server)
{
    return server->children.count + server->arrival_count < server->config->limit;
}

size_t
srv_gate_room(const struct srv_server *server)
{
    size_t taken = server->children.count + server->ready.count;
    size_t free = server->config->limit > taken ? server->config->limit - taken : 0;

    return srv_lookup_places_room(&server->lookup_places,
                                  free < SRV_BATCH ? free : SRV_BATCH);
}

bool
srv_gate_watch(struct srv_server *server, struct srv_watch *watch, bool wanted)
{
    if (wanted == watch->watched)
        return true;
    if (!wanted)
        srv_loop_forget(server->loop, watch);
    else if (!srv_loop_watch(server->loop, watch, SRV_READABLE)) {
        srv_gate_back_off(server);
        return false;
    }
    return true;
}

void
srv_gate_update(struct srv_server *server)
{
    bool wanted;

    if (server->kind->update) {
        server->kind->update(server);
        return;
    }
    wanted = !server->paused && !server->arrival_count && srv_gate_room(server);

    if (wanted == server->listening)
        return;
    server->listening = wanted;
    for (size_t i = 0; i < server->listeners.count; i++)
        if (!srv_gate_watch(server, &server->listener_watches[i], wanted))
            server->listening = false;
}

void
srv_gate_plan(struct srv_server *server)
{
    if (srv_lookup_places_are_taken(&server->lookup_places))
        (void)srv_loop_set(server->loop, &server->place_timer,
                           srv_lookup_places_free_at(&server->lookup_places));
}

void
srv_gate_back_off(struct srv_server *server)
{
    server->pause_ms = server->pause_ms ? server->pause_ms * 2 : PAUSE_LEAST_MS;
    if (server->pause_ms > PAUSE_MOST_MS)
        server->pause_ms = PAUSE_MOST_MS;
    server->paused =
        srv_loop_set(server->loop, &server->resume, srv_now_ms() + server->pause_ms);
}

void
srv_gate_wake_deferred(struct srv_server *server)
{
    if (server->deferred.count) /* the timer is set: to move it takes no memory */
        (void)srv_loop_set(server->loop, &server->deferred_timer, srv_now_ms());
}
