/* The program of one source of datagrams. */
#ifndef SRV_SOURCE_PROGRAM_H
#define SRV_SOURCE_PROGRAM_H

#include "server/source.h"

/* Sets up the timers of a new source. */
void
srv_source_prepare(struct srv_source *source);

/*
 * Starts the program of a source that may have one; its first datagrams are in the pair
 * before that. A source whose program cannot be started is dropped, and freed.
 */
void
srv_source_start(struct srv_source *source, const struct postern_decision *decision);

/* A datagram for the program of a source, or for the one that it will have. */
void
srv_source_take(struct srv_source *source, const void *bytes, size_t size);

/* The source has been silent, or is another than it was: its program is told to end. */
void
srv_source_retire(struct srv_source *source);

/* Frees a source that has no program, and gives its places back. */
void
srv_source_end(struct srv_source *source);

/* Sends what a program that has ended has left, then frees its source. */
void
srv_source_close(struct srv_source *source);

#endif
