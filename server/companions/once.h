/* One piece of work with strangers' bytes, in a process that has no rights for it. */
#ifndef SRV_COMPANIONS_ONCE_H
#define SRV_COMPANIONS_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Forks, has `work` fill in `result`, of `size` bytes, there, and copies them here. No
 * descriptor is open there but the one that this goes over. The process is confined
 * (cell_confine.h) when `work` says so itself, once it has opened what it needs: it
 * calls srv_cell_confine(). False when it does not end well within `most_ms`: then
 * *result is as it was. What is in it is not believed: who calls checks.
 */
bool
srv_once_apart(void (*work)(void *payload, void *result), void *payload, void *result,
               size_t size, int64_t most_ms);

#endif
