/* Other programs that a verb runs: what they say, and how they end. */
#ifndef PN_TOOLS_CHILD_H
#define PN_TOOLS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buffer.h"

/*
 * Reads all of a pipe until its end. 0, or an errno: ETIMEDOUT after so many seconds,
 * EFBIG for more than `most` bytes.
 */
int
pn_child_gather(int fd, struct pn_buffer *into, int seconds, size_t most);

/* Waits for its end, which `stop` brings about. The status that it leaves with; -1 when
 * it was killed. */
int
pn_child_end(pid_t child, bool stop);

#endif
