/* Several messages in one call of sendmmsg(2) or recvmmsg(2): needs _GNU_SOURCE. */
#ifndef SRV_CELL_BATCH_H
#define SRV_CELL_BATCH_H

#include <stddef.h>
#include <sys/socket.h>

enum { SRV_CELL_BATCH = 16 };

struct srv_cell_batch {
    struct iovec parts[SRV_CELL_BATCH];
    struct mmsghdr messages[SRV_CELL_BATCH];
};

/* Of `count` items of one size, at most SRV_CELL_BATCH, each is a message. */
static inline void
srv_cell_batch_of(struct srv_cell_batch *batch, void *items, size_t size, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        batch->parts[i] = (struct iovec){ (char *)items + i * size, size };
        batch->messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &batch->parts[i],
                                                            .msg_iovlen = 1 } };
    }
}

#endif
